import { sumOf } from './rows.ts'

/** A value that stands for `weight` values: one sampled session stands for 1 / rate of them. */
export interface Weighted {
  value: number
  weight: number
}

export const weightedAverage = (items: readonly Weighted[]): number =>
  sumOf(items, ({ value, weight }) => value * weight) / sumOf(items, ({ weight }) => weight)

/** The smallest value that at least `percent` of the weight does not exceed. */
export const weightedPercentile = (items: readonly Weighted[], percent: number): number =>
  weightedPercentiles(items, [percent])[0]!

/** The same for several of the same items. */
export function weightedPercentiles(items: readonly Weighted[], percents: readonly number[]): number[] {
  if (items.length === 1) return percents.map(() => items[0]!.value)
  const ascending = items.toSorted((a, b) => a.value - b.value)
  const total = sumOf(items, ({ weight }) => weight)
  return percents.map((percent) => {
    // Sums of weights like 1 / 0.3 are not exact; without the slack the 50th of two equals could be the upper one.
    const enough = total * (percent / 100) * (1 - 1e-9)
    let weight = 0
    const found = ascending.find((item) => {
      weight += item.weight
      return weight >= enough
    })
    return (found ?? ascending.at(-1)!).value
  })
}
