import type { Rollup } from '../store.ts'

/** Some MB. */
export const ROLLUPS_AT_ONCE = 50_000

/** As the tables of roll-ups have it. */
export const rollupRow = ({ at: begins_at, pageGroup: page_group, isBot: is_bot, ...row }: Rollup) => ({
  ...row,
  ...{ begins_at, page_group, is_bot },
})
