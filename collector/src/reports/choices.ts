import * as v from 'valibot'
import { question } from '../store/question.ts'
import { DAY_MS } from '../tallies/tiers.ts'
import { viewConditions, whole } from './filter.ts'
import { defineReport } from './report.ts'

/** Older ones are rarely asked for, and looking for them would cost more than the reports themselves. */
const LOOK_BACK_MS = 8 * DAY_MS

const COLUMNS = { site: 'site', page_group: 'page_group', campaign: 'campaign' } as const

/** What a filter can be set to: the sites, page groups and campaigns of the last days of the range. */
export const choices = defineReport({
  name: 'choices',
  summary: 'Sites, page groups and campaigns of the last 8 days of the range, those with most views first',
  canBeLimitedToPages: true,
  entries: { limit: v.optional(whole(1, 1_000), '200') },
  row: v.object({
    kind: v.picklist(['site', 'page_group', 'campaign']),
    name: v.string(),
    views: v.number(),
  }),
  async ask(store, { limit }, filter) {
    const { near, sql, parameters } = viewConditions(filter, {
      from: Math.max(filter.from, filter.to - LOOK_BACK_MS),
      to: filter.to,
    })
    const kinds = Object.entries(COLUMNS) as [keyof typeof COLUMNS, string][]
    const found = await Promise.all(
      kinds.map(async ([kind, column]) => {
        const rows = await store.read<{ name: string; view_count: number }>(
          question(
            (dialect) => `
            SELECT ${column} AS name, count(*) AS view_count FROM ${near(dialect)}
            WHERE ${sql(dialect)} AND ${column} <> ''
            GROUP BY name ORDER BY view_count DESC, name LIMIT :limit`,
          ),
          { ...parameters, limit },
        )
        return rows.map(({ name, view_count }) => ({ kind, name, views: view_count }))
      }),
    )
    return found.flat()
  },
})
