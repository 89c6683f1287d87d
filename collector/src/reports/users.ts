import * as v from 'valibot'
import { questionOfEach } from '../store/question.ts'
import { oneOf } from '../wanted.ts'
import { sessionConditions, whole } from './filter.ts'
import { defineReport } from './report.ts'

/** SQL for what users are sorted by: fixed texts, never what somebody sent. */
const SORTS = {
  average: 'sum(duration_ms * weight) / sum(weight)',
  sessions: 'count(*)',
  engaged: 'sum(engaged_ms)',
  last: 'max(last_activity_at)',
  user: 'person',
} as const

/** The average session duration of each user, as `POST /api/session-duration` has it, a portion at a time. */
export const users = defineReport({
  name: 'users',
  summary: 'Users by average session duration, sessions or engaged time, a portion at a time',
  canBeLimitedToPages: false,
  entries: {
    sort: v.optional(oneOf(['average', 'sessions', 'engaged', 'last', 'user']), 'average'),
    order: v.optional(oneOf(['asc', 'desc']), 'desc'),
    limit: v.optional(whole(1, 1_000), '50'),
    offset: v.optional(whole(0, 10_000_000), '0'),
  },
  row: v.object({
    /** The user id, else the visitor id. */
    user: v.string(),
    sessions: v.number(),
    averageDurationMs: v.number(),
    /** Sum over the sessions. */
    engagedMs: v.number(),
    lastActivityAt: v.number(),
  }),
  async ask(store, { sort, order, limit, offset }, filter) {
    const { near, sql, parameters } = sessionConditions(filter, filter)
    const inOrder = `ORDER BY ${SORTS[sort]} ${order === 'asc' ? 'ASC' : 'DESC'}, person`
    const portion = `${inOrder} LIMIT :limit OFFSET :offset`
    const rows = await store.read<UserRow>(
      questionOfEach({
        // First who is in the portion: sorting everybody with less at hand takes three quarters of the time.
        sqlite: (dialect) => {
          const which = `${sql(dialect)} AND person <> ''`
          const who = `SELECT person FROM sessions WHERE ${which} GROUP BY person ${portion}`
          return `${FIGURES} FROM sessions WHERE ${which} AND person IN (${who}) GROUP BY person ${inOrder}`
        },
        clickhouse: (dialect) =>
          `${FIGURES} FROM ${near(dialect)} WHERE ${sql(dialect)} AND person <> '' GROUP BY person ${portion}`,
      }),
      { ...parameters, limit, offset },
    )
    return rows.map(({ person, session_count, average_duration, engaged_sum, last_at }) => ({
      user: person,
      sessions: session_count,
      averageDurationMs: Math.round(average_duration),
      engagedMs: engaged_sum,
      lastActivityAt: last_at,
    }))
  },
})

const FIGURES = `
  SELECT person, count(*) AS session_count, ${SORTS.average} AS average_duration, ${SORTS.engaged} AS engaged_sum,
         ${SORTS.last} AS last_at`

interface UserRow {
  person: string
  session_count: number
  average_duration: number
  engaged_sum: number
  last_at: number
}
