import { expect, test } from 'vitest'
import { isSampled } from '../../src/core/sampling.ts'
import { RUNS } from '../support/replay.ts'

test.each(['00000000', 'ffffffff', '80000000'])('an id of %s is out at rate 0 and in at rate 1', (head) => {
  const id = head.padEnd(32, '0')
  expect(isSampled(id, 0)).toBe(false)
  expect(isSampled(id, 1)).toBe(true)
})

const word = (random: () => number) =>
  Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')

/** Ids as a site may have them, and as ours are. */
const IDS: { [kind: string]: (i: number, random: () => number) => string } = {
  'our own': (_, random) => word(random) + word(random) + word(random) + word(random),
  'numbers in a row': (i) => `${i}`,
  'e-mail addresses': (i) => `user${i}@example.org`,
  'with their digits in front': (i) => `${i}-of-the-customers-with-a-long-common-tail`,
}

/** Chi-squared at 15 degrees of freedom is more once in 1,000 times; the seed is fixed. */
const MOST = 37.7

test.each(Object.keys(IDS))(
  'ids (%s) spread evenly over the rates, a million of them',
  (kind) => {
    const count = Math.min(1_000_000, RUNS.numRuns * 1_000)
    const bins = 16
    const random = createRandom(20_260_101)
    const filled = new Array<number>(bins).fill(0)
    for (let i = 0; i < count; i++) filled[bucketOf(IDS[kind]!(i, random), bins)]!++
    const want = count / bins
    const chiSquared = filled.reduce((sum, got) => sum + (got - want) ** 2 / want, 0)
    expect(chiSquared).toBeLessThan(MOST)
  },
  60_000,
)

/** The lowest of `bins` rates at which the id is in: found by halves, since being in is all that can be asked. */
function bucketOf(id: string, bins: number): number {
  let [low, high] = [0, bins]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (isSampled(id, middle / bins)) high = middle
    else low = middle
  }
  return low
}

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
