/** Neighbouring bounds are this far apart: the middle of a bucket is within 1 % of everything in it. */
const RATIO = 1.02

const WIDTH = Math.log(RATIO)

/** Bucket 0 holds nothing but 0 ms; bucket n holds from RATIO^(n-1) up to RATIO^n ms. */
export const bucketOf = (ms: number): number => (ms > 0 ? 1 + Math.floor(Math.log(ms) / WIDTH) : 0)

/** The shortest length in a bucket, in ms. */
export const lowerBoundOf = (bucket: number): number => (bucket > 0 ? RATIO ** (bucket - 1) : 0)

/** What everything in the bucket is taken for, in ms. */
const middleOf = (bucket: number): number => (bucket > 0 ? RATIO ** (bucket - 0.5) : 0)

/** Weight by bucket. Merging is adding, so it holds for any day of any zone. */
export type Histogram = Map<number, number>

/** The smallest length in ms that at least `percent` of the weight does not exceed, within 1 %; null if it is empty. */
export const percentileOf = (histogram: Histogram, percent: number): number | null =>
  createPercentiles(histogram)(percent)

/** The same for several of one histogram: putting it in order is most of the work. */
export function createPercentiles(histogram: Histogram): (percent: number) => number | null {
  let last = -1
  for (const bucket of histogram.keys()) if (bucket > last) last = bucket
  const weights = new Float64Array(last + 1)
  let total = 0
  for (const [bucket, weight] of histogram) {
    weights[bucket] = weight
    total += weight
  }
  return (percent) => {
    const enough = total * (percent / 100) * (1 - 1e-9) // sums of weights like 1 / 0.3 are not exact
    let weight = 0
    for (let bucket = 0; bucket <= last; bucket++) {
      weight += weights[bucket]!
      if (weight > 0 && weight >= enough) return Math.round(middleOf(bucket))
    }
    return null
  }
}

/** The weight of what lasted at least so long, within 1 % of the length. */
export function weightFrom(histogram: Histogram, ms: number): number {
  let weight = 0
  for (const [bucket, inBucket] of histogram) if (middleOf(bucket) >= ms) weight += inBucket
  return weight
}
