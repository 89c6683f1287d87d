import * as v from 'valibot'
import { questionOfEach } from '../store/question.ts'
import { DAY_MS } from '../tallies/tiers.ts'
import { sessionConditions, whole } from './filter.ts'
import { defineReport } from './report.ts'

/** Who was here in the range, and has not been for some days. */
export const inactiveUsers = defineReport({
  name: 'inactive-users',
  summary: 'Users who were active in the range and have not been for some days',
  canBeLimitedToPages: false,
  entries: { days: v.optional(whole(1, 3_650), '14'), limit: v.optional(whole(1, 10_000), '1000') },
  row: v.object({
    user: v.string(),
    lastActivityAt: v.number(),
    inactiveDays: v.number(),
    /** In the range. */
    sessions: v.number(),
    engagedMs: v.number(),
  }),
  async ask(store, { days, limit }, filter, { now }) {
    const { sql, parameters } = sessionConditions(filter, filter)
    const ofSite = filter.site === undefined ? '' : 'AND site = :site'
    const rows = await store.read<{ person: string; last_at: number; sessions: number; engaged_sum: number }>(
      questionOfEach({
        sqlite: (dialect) => `
          SELECT person, last_at, session_count AS sessions, engaged_sum
          FROM (
            SELECT person, session_count, engaged_sum,
                   (SELECT max(every.last_activity_at) FROM sessions AS every WHERE every.person = active.person ${ofSite}) AS last_at
            FROM (${activeIn(sql(dialect))}) AS active
          ) AS lately
          WHERE last_at < :activeBefore
          ORDER BY last_at, person LIMIT :limit`,
        clickhouse: (dialect) => `
          SELECT person, last_at, session_count AS sessions, engaged_sum
          FROM (${activeIn(sql(dialect))}) AS active
          JOIN (
            SELECT person AS who, max(last_activity_at) AS last_at FROM sessions
            WHERE person IN (SELECT person FROM (${activeIn(sql(dialect))})) ${ofSite}
            GROUP BY person
          ) AS lately ON lately.who = active.person
          WHERE last_at < :activeBefore
          ORDER BY last_at, person LIMIT :limit`,
      }),
      { ...parameters, activeBefore: now - days * DAY_MS, limit },
    )
    return rows.map(({ person, last_at, sessions, engaged_sum }) => ({
      user: person,
      lastActivityAt: last_at,
      inactiveDays: Math.floor((now - last_at) / DAY_MS),
      sessions,
      engagedMs: engaged_sum,
    }))
  },
})

/** Those who came in the range, and not lately as far as it tells. */
const activeIn = (conditions: string) => `
  SELECT person, count(*) AS session_count, sum(engaged_ms) AS engaged_sum
  FROM sessions WHERE ${conditions} AND person <> ''
  GROUP BY person
  HAVING max(last_activity_at) < :activeBefore`
