import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSampled } from '../../src/core/sampling.ts'
import { RUNS } from '../support/replay.ts'

const someId = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 32, maxLength: 32 }).map(toHex)
const someRate = fc.double({ min: 0, max: 1, noNaN: true })

function toHex(digits: number[]): string {
  return digits.map((digit) => digit.toString(16)).join('')
}

test.each(['00000000', 'ffffffff', '80000000'])('an id of %s is out at rate 0 and in at rate 1', (head) => {
  const id = head.padEnd(32, '0')
  expect(isSampled(id, 0)).toBe(false)
  expect(isSampled(id, 1)).toBe(true)
})

test('the rate is the border: the lower half of all ids is in at 0.5', () => {
  expect(isSampled('7fffffff'.padEnd(32, 'f'), 0.5)).toBe(true)
  expect(isSampled('80000000'.padEnd(32, '0'), 0.5)).toBe(false)
})

test('no id is not in', () => {
  expect(isSampled('', 1)).toBe(false)
})

test('who is in at a rate is in at every higher one, each time', () => {
  fc.assert(
    fc.property(someId, someRate, someRate, (id, one, two) => {
      const [low, high] = [Math.min(one, two), Math.max(one, two)]
      if (isSampled(id, low)) expect(isSampled(id, high)).toBe(true)
      expect(isSampled(id, low)).toBe(isSampled(id, low))
    }),
    RUNS,
  )
})

test.each([0.01, 0.1, 0.5, 0.9])('of 100,000 random sessions a share of %d is in', (rate) => {
  const count = 100_000
  const random = createRandom(20_260_101)
  let sampled = 0
  for (let i = 0; i < count; i++) {
    const id = toHex(Array.from({ length: 32 }, () => Math.floor(random() * 16)))
    if (isSampled(id, rate)) sampled++
  }
  const [wantIn, wantOut] = [count * rate, count * (1 - rate)]
  const chiSquare = (sampled - wantIn) ** 2 / wantIn + (count - sampled - wantOut) ** 2 / wantOut
  expect(chiSquare).toBeLessThan(10.83) // one degree of freedom, p = 0.001; the seed is fixed
})

/** mulberry32: the same numbers in every run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
