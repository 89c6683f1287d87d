import { sayNumber } from './number.ts'

const SPACE = '\u00a0' // a number stays with its unit

/** A length in ms as people say it: `0.4 s`, `42 s`, `1 m 12 s`, `2 h 5 m`, `3 d 4 h`. */
export function sayDuration(ms: number): string {
  if (ms < 0) return `−${sayDuration(-ms)}`
  if (ms < 9_950) return say(Math.round(ms / 100) / 10, 's')
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return say(seconds, 's')
  if (seconds < 3_600) return both(Math.floor(seconds / 60), 'm', seconds % 60, 's')
  const minutes = Math.round(ms / 60_000)
  if (minutes < 24 * 60) return both(Math.floor(minutes / 60), 'h', minutes % 60, 'm')
  const hours = Math.round(ms / 3_600_000)
  return both(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const say = (value: number, unit: string) => `${value}${SPACE}${unit}`

const both = (large: number, unit: string, small: number, smaller: string) =>
  small === 0 ? say(large, unit) : `${say(large, unit)}${SPACE}${say(small, smaller)}`

/** The same to the millisecond, for who wants to know exactly. */
export const sayExactly = (ms: number): string => `${sayNumber(ms)} ms`
