import * as v from 'valibot'
import { createPercentiles, type Histogram, percentileOf } from '../log-buckets.ts'
import { addInto, binsAt, emptyTally, numberAt, partsOf, type Tally, tallyAt } from '../tallies/tally.ts'

/** How many came, how many that stands for, and how far off that may be (95 %; 0 where nothing was sampled). */
export const count = v.object({ sampled: v.number(), estimated: v.number(), margin: v.number() })
export type Count = v.InferOutput<typeof count>

/** Standard deviations of a normal distribution that hold 95 %. */
const Z_95 = 1.96

/** As if all had been let in at the rate that they had on average. */
export function estimate(sampled: number, weight: number): Count {
  const excess = sampled > 0 ? Math.max(0, weight / sampled - 1) : 0
  const margin = Math.round(Z_95 * Math.sqrt(weight * excess))
  return { sampled, estimated: Math.round(weight), margin }
}

/** Quartiles and more of a length in ms, within 1 %; null where nothing was measured. */
export const percentiles = v.object({
  p25: v.nullable(v.number()),
  p50: v.nullable(v.number()),
  p75: v.nullable(v.number()),
  p90: v.nullable(v.number()),
})
export type Percentiles = v.InferOutput<typeof percentiles>

function percentilesOf(histogram: Histogram): Percentiles {
  const percentile = createPercentiles(histogram)
  return { p25: percentile(25), p50: percentile(50), p75: percentile(75), p90: percentile(90) }
}

/** Of a tally: how many there are under that name, by its weight. */
export const countAt = (tally: Tally | undefined, name: string): Count =>
  estimate(numberAt(tally, name), numberAt(tally, 'weight'))

export const percentilesAt = (tally: Tally | undefined, name: string): Percentiles => percentilesOf(binsAt(tally, name))

/** Sessions however they ended. */
export function allEnds(sessions: Tally): Tally {
  const all = emptyTally()
  for (const [, ended] of partsOf(tallyAt(sessions, 'ends'))) addInto(all, ended)
  return all
}

/** Fewer than these are anecdotes: their rows are marked. */
export const SMALL_SAMPLE = 30

/** A share with four digits, 0 of nothing. */
export const ratio = (part: number, whole: number): number => (whole > 0 ? Math.round((part / whole) * 1e4) / 1e4 : 0)

/** By value in that order; those alike by name. */
export const inOrder =
  <T>(order: 'asc' | 'desc', value: (of: T) => number | string, name: (of: T) => string) =>
  (a: T, b: T): number =>
    (order === 'asc' ? compare(value(a), value(b)) : compare(value(b), value(a))) || compare(name(a), name(b))

const compare = (a: number | string, b: number | string) => (a < b ? -1 : Number(a > b))

export const percentileOf50 = (histogram: Histogram): number | null => percentileOf(histogram, 50)
