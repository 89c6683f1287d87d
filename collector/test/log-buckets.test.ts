import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketOf, createPercentiles, type Histogram } from '../src/log-buckets.ts'

const lengths = fc.array(fc.integer({ min: 0, max: 90_000_000 }), { minLength: 1, maxLength: 50 })

test('a percentile is within 1 % of the smallest length that so many do not exceed', () => {
  fc.assert(
    fc.property(lengths, fc.integer({ min: 0, max: 100 }), (all, percent) => {
      const histogram: Histogram = new Map()
      for (const ms of all) histogram.set(bucketOf(ms), (histogram.get(bucketOf(ms)) ?? 0) + 1)
      const exact = all.toSorted((a, b) => a - b)[Math.max(1, Math.ceil((all.length * percent) / 100)) - 1]!
      const told = createPercentiles(histogram)(percent)!
      expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.01 + 0.5) // and told in whole ms
    }),
  )
})

test('nothing measured has no percentiles', () => {
  expect(createPercentiles(new Map())(50)).toBeNull()
})
