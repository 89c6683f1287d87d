import { expect, test } from 'vitest'
import { weightedAverage, weightedPercentile } from '../../src/reports/weighted.ts'

const items = (...pairs: [value: number, weight: number][]) => pairs.map(([value, weight]) => ({ value, weight }))

test('a value counts as often as its weight says', () => {
  expect(weightedAverage(items([10, 1], [20, 3]))).toBe(17.5)
  expect(weightedPercentile(items([20, 3], [10, 1]), 25)).toBe(10)
  expect(weightedPercentile(items([20, 3], [10, 1]), 26)).toBe(20)
})

test('percentiles are values that occurred', () => {
  const ten = items(...Array.from({ length: 10 }, (_, index): [number, number] => [10 * (index + 1), 1]))
  const percentiles = [0, 10, 25, 50, 90, 99, 100].map((percent) => weightedPercentile(ten, percent))
  expect(percentiles).toEqual([10, 10, 30, 50, 90, 100, 100])
})

test('weights that are no exact sum do not move the middle', () => {
  const weight = 1 / 0.3
  expect(
    weightedPercentile(items([1, weight], [2, weight], [3, weight], [4, weight], [5, weight], [6, weight]), 50),
  ).toBe(3)
})
