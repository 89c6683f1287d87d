import { expect, test } from 'vitest'
import { createRateLimit } from '../../src/ingest/rate-limit.ts'

test('a minute’s worth at once, then as much as comes back', () => {
  const take = createRateLimit(60)
  expect(take('a', 60, 0)).toBe(0)
  expect(take('a', 1, 0)).toBe(1_000)
  expect(take('a', 5, 2_000)).toBe(3_000)
  expect(take('a', 2, 2_000)).toBe(0)
  expect(take('a', 60, 1_000_000)).toBe(0)
  expect(take('a', 1, 1_000_000)).toBe(1_000)
})

test('one takes nothing from another, and what is refused takes nothing', () => {
  const take = createRateLimit(60)
  expect(take('a', 60, 0)).toBe(0)
  expect(take('b', 59, 0)).toBe(0)
  expect(take('b', 2, 0)).toBe(1_000)
  expect(take('b', 1, 0)).toBe(0)
})

test('more than a minute’s worth waits for all of it', () => {
  const take = createRateLimit(60)
  expect(take('a', 1, 0)).toBe(0)
  expect(take('a', 100, 0)).toBe(1_000)
  expect(take('a', 100, 1_000)).toBe(0)
})

test('a clock set back gives nothing', () => {
  const take = createRateLimit(60)
  expect(take('a', 60, 100_000)).toBe(0)
  expect(take('a', 1, 0)).toBe(1_000)
})

test('it remembers only so many, those seen last', () => {
  const take = createRateLimit(1, 2)
  for (const key of ['a', 'b', 'a', 'c']) take(key, 1, 0)
  expect(take('a', 1, 0)).toBeGreaterThan(0)
  expect(take('b', 1, 0)).toBe(0) // forgotten, so new
})
