import { expect, test } from 'vitest'
import { createClockWatch } from '../src/clock-watch.ts'
import { createErrorLog } from '../src/log.ts'

function watched() {
  const lines: [level: string, facts: object, event: string][] = []
  const write = (level: string) => (facts: object, event: string) => void lines.push([level, facts, event])
  return { lines, log: { info: write('info'), warn: write('warn'), error: write('error') } }
}

test('a clock that was set is told once; one that is corrected by little is not', () => {
  const { lines, log } = watched()
  const clock = { wall: 1_000_000_000, monotonic: 0 }
  const look = createClockWatch(log, { wall: () => clock.wall, monotonic: () => clock.monotonic })
  const pass = (monotonicMs: number, wallMs: number) => {
    clock.monotonic += monotonicMs
    clock.wall += wallMs
    look()
  }
  pass(5_000, 5_000)
  pass(5_000, 5_000 - 59_000)
  pass(5_000, 5_000 + 59_000)
  expect(lines).toEqual([])
  pass(5_000, 5_000 - 3_600_000)
  pass(5_000, 5_000)
  expect(lines).toEqual([['warn', { byMs: -3_600_000 }, expect.stringContaining('set back')]])
  pass(5_000, 5_000 + 3_600_000)
  expect(lines.slice(1)).toEqual([['warn', { byMs: 3_600_000 }, expect.stringContaining('set forward')]])
})

test('trouble is told although the clock was set back', () => {
  const { lines, log } = watched()
  let now = 10_000_000
  const onError = createErrorLog(log, 'trouble', () => now)
  onError(new Error('one'))
  onError(new Error('two'))
  now -= 3_600_000
  onError(new Error('three'))
  expect(lines.map(([, facts]) => (facts as { err: Error }).err.message)).toEqual(['one', 'three'])
})
