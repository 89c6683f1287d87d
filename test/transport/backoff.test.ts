import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoff } from '../../src/transport/backoff.ts'
import { RUNS } from '../support/replay.ts'

const someChance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('the pause is half to whole of 2 s, doubled with each failure, at most 256 s', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), someChance, (failures, random) => {
      const whole = Math.min(1_000 * 2 ** failures, 256_000)
      expect(backoff(failures, random)).toBeGreaterThanOrEqual(whole / 2)
      expect(backoff(failures, random)).toBeLessThanOrEqual(whole)
    }),
    RUNS,
  )
})

test('the pause never gets shorter with one more failure', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), someChance, (failures, random) => {
      expect(backoff(failures + 1, random)).toBeGreaterThanOrEqual(backoff(failures, random))
    }),
    RUNS,
  )
})

test('pages that failed together do not come back together', () => {
  expect(new Set([0, 0.25, 0.5, 0.75].map((random) => backoff(3, random))).size).toBe(4)
})
