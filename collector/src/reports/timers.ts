import * as v from 'valibot'
import { type Dialect, question } from '../store/question.ts'
import { createLocalDate, viewConditions, whole } from './filter.ts'
import { defineReport } from './report.ts'

const row = v.object({
  day: v.string(),
  /** The session's user id, else its visitor id; empty: neither was told. */
  user: v.string(),
  timer: v.string(),
  views: v.number(),
  totalMs: v.number(),
  visibleMs: v.number(),
  engagedMs: v.number(),
})

/** Timers and sections inside pages, by who ran them and on which day. */
export const timers = defineReport({
  name: 'timers',
  summary: 'Timers and sections inside pages, by user and day',
  canBeLimitedToPages: true,
  entries: { limit: v.optional(whole(1, 10_000), '1000') },
  row,
  async ask(store, { limit }, filter) {
    const { sql, parameters } = viewConditions(filter, filter)
    const timed = (dialect: Dialect) => `${sql(dialect)} AND timers <> ''`
    const views = await store.read<{ timers: string; began_at: number; person: string }>(
      question(
        (dialect) => `
        SELECT timed.timers AS timers, timed.began_at AS began_at, sessions.person AS person
        FROM (
          SELECT session_id, view_id, timers, began_at FROM ${dialect.viewsWith(timed(dialect))} WHERE ${timed(dialect)}
        ) AS timed
        JOIN ${dialect.sessionsAmong(`SELECT session_id FROM views WHERE ${timed(dialect)} ${dialect.loosely}`)} ON sessions.session_id = timed.session_id
        ORDER BY began_at, timed.view_id`,
      ),
      parameters,
    )

    const dateOf = createLocalDate(filter.timezone)
    const rows = new Map<string, v.InferOutput<typeof row>>()
    for (const { timers: written, began_at, person: user } of views) {
      const day = dateOf(began_at)
      for (const [timer, [totalMs, visibleMs, engagedMs]] of Object.entries(JSON.parse(written) as Timers)) {
        const key = JSON.stringify([day, user, timer])
        const timed = rows.get(key) ?? { day, user, timer, views: 0, totalMs: 0, visibleMs: 0, engagedMs: 0 }
        timed.views += 1
        timed.totalMs += totalMs
        timed.visibleMs += visibleMs
        timed.engagedMs += engagedMs
        rows.set(key, timed)
      }
    }
    const inOrder = [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
    return inOrder.slice(0, limit).map(([, timed]) => timed)
  },
})

type Timers = Record<string, [totalMs: number, visibleMs: number, engagedMs: number]>
