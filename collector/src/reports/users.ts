import * as v from 'valibot'
import { question } from '../store/question.ts'
import { oneOf } from '../wanted.ts'
import { sessionConditions, whole } from './filter.ts'
import { defineReport } from './report.ts'

/** SQL for what users are sorted by: fixed texts, never what somebody sent. */
const SORTS = {
  average: 'average_duration',
  sessions: 'session_count',
  engaged: 'engaged_sum',
  last: 'last_at',
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
    const direction = order === 'asc' ? 'ASC' : 'DESC'
    const rows = await store.read<UserRow>(
      question(
        (dialect) => `
        SELECT person, count(*) AS session_count, sum(duration_ms * weight) / sum(weight) AS average_duration,
               sum(engaged_ms) AS engaged_sum, max(last_activity_at) AS last_at
        FROM ${near(dialect)} WHERE ${sql(dialect)} AND person <> ''
        GROUP BY person
        ORDER BY ${SORTS[sort]} ${direction}, person LIMIT :limit OFFSET :offset`,
      ),
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

interface UserRow {
  person: string
  session_count: number
  average_duration: number
  engaged_sum: number
  last_at: number
}
