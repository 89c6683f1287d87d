/** At most so many of the places, evenly picked, the first among them. */
export function nearTicks(places: readonly number[], most: number): number[] {
  const every = Math.max(1, Math.ceil(places.length / Math.max(1, most)))
  return places.filter((_, at) => at % every === 0)
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Steps between lengths, in ms, that people count in. */
export const DURATION_STEPS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((amount) => amount * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((amount) => amount * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48].map((amount) => amount * HOUR),
]

/** Steps between whole amounts. */
export const AMOUNT_STEPS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat()

/** Steps between shares. */
export const SHARE_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5]
