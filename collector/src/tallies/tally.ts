import type { Histogram } from '../log-buckets.ts'

/** Numbers under names, to any depth. What two stretches of time say together is their sum, name by name. */
export interface Tally {
  [name: string]: number | Tally
}

export function addInto(sum: Tally, part: Tally): void {
  for (const name in part) {
    const value = part[name]!
    if (typeof value === 'number') sum[name] = numberAt(sum, name) + value
    else addInto(within(sum, name), value)
  }
}

/** Adds a number, unless it is 0: what is not there counts as 0. */
export function add(tally: Tally, name: string, value: number): void {
  if (value !== 0) tally[name] = numberAt(tally, name) + value
}

/** The tally of that name, empty if there was none. */
export function within(tally: Tally, name: string): Tally {
  const found = Object.hasOwn(tally, name) ? tally[name] : undefined
  if (typeof found === 'object') return found
  const made: Tally = Object.create(null)
  tally[name] = made
  return made
}

export function numberAt(tally: Tally | undefined, name: string): number {
  const value = tally && Object.hasOwn(tally, name) ? tally[name] : undefined
  return typeof value === 'number' ? value : 0
}

export function tallyAt(tally: Tally | undefined, name: string): Tally {
  const value = tally && Object.hasOwn(tally, name) ? tally[name] : undefined
  return typeof value === 'object' ? value : {}
}

/** A tally of weights by log bucket. */
export const histogramAt = (tally: Tally | undefined, name: string): Histogram =>
  new Map(Object.entries(tallyAt(tally, name)).map(([bucket, weight]) => [Number(bucket), weight as number]))

/** The tallies in it, each with its name. */
export const partsOf = (tally: Tally): [name: string, part: Tally][] =>
  Object.entries(tally).filter((entry): entry is [string, Tally] => typeof entry[1] === 'object')
