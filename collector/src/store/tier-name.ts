const PREFIX = 'rolled_up_to_by_'

/** Under which name a store notes up to when it has roll-ups of this length. */
export const tierName = (spanMs: number): string => `${PREFIX}${spanMs}`

/** Asks for all such notes. */
export const TIERS_NOTED = `SELECT name, max(value) AS value FROM state WHERE name LIKE '${PREFIX}%' GROUP BY name`

/** By the length of roll-ups, in ms. */
export const tiersOf = (notes: readonly { name: string; value: number }[]): Map<number, number> =>
  new Map(notes.map(({ name, value }) => [Number(name.slice(PREFIX.length)), value]))
