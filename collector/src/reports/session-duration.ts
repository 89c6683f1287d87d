import * as v from 'valibot'
import { measureSession } from '../sessions/session.ts'
import type { Question, Store } from '../store/store.ts'
import { receivedView, type ViewRow } from '../store/view-row.ts'
import { between, object, oneOf, type Parsed, parse, text } from '../wanted.ts'
import { daysAsInstants, isDate, isTimeZone } from './calendar.ts'
import { type Weighted, weightedAverage, weightedPercentile } from './weighted.ts'

/** How long the sessions of each user lasted, by the day they started. */

const DATE = 'a date as YYYY-MM-DD'
const ZONE = 'the name of an IANA time zone'

const schema = object({
  start_date: v.pipe(v.string(DATE), v.check(isDate, DATE)),
  end_date: v.pipe(v.string(DATE), v.check(isDate, DATE)),
  timezone: v.optional(v.pipe(v.string(ZONE), v.maxLength(64, ZONE), v.check(isTimeZone, ZONE)), 'UTC'),
  site: v.optional(text(255, 1)),
  page: v.optional(text(1024, 1)),
  metric: v.optional(oneOf(['session', 'visible', 'engaged', 'total']), 'session'),
  percentiles: v.optional(
    v.pipe(v.array(between(0, 100), 'a list of numbers'), v.maxLength(20, 'at most 20 numbers')),
    [],
  ),
  anonymous: v.optional(v.boolean('true or false'), false),
})

export type SessionDurationRequest = v.InferOutput<typeof schema>

/** Seconds. */
export interface SessionDuration {
  /** Null: all the sessions that told neither a user nor a visitor id. */
  user_id: string | null
  average_duration: number
  percentiles?: Record<string, number>
}

export function parseSessionDurationRequest(body: unknown): Parsed<SessionDurationRequest> {
  const request = parse(schema, body, 'body')
  const isBackwards = request.value && request.value.start_date > request.value.end_date
  return isBackwards ? { problem: 'Start date cannot be after end date' } : request
}

export async function sessionDuration(store: Store, request: SessionDurationRequest): Promise<SessionDuration[]> {
  const byUser = new Map<string | null, Weighted[]>()
  for (const { user_id, ms, sampling_rate } of await measuredSessions(store, request)) {
    const sessions = byUser.get(user_id) ?? []
    sessions.push({ value: ms, weight: 1 / sampling_rate })
    byUser.set(user_id, sessions)
  }

  return [...byUser].map(([user_id, sessions]) => {
    const result: SessionDuration = { user_id, average_duration: seconds(weightedAverage(sessions)) }
    if (request.percentiles.length === 0) return result
    const percentiles = request.percentiles.map((percent) => [percent, seconds(weightedPercentile(sessions, percent))])
    return { ...result, percentiles: Object.fromEntries(percentiles) }
  })
}

interface MeasuredSession {
  user_id: string | null
  ms: number
  sampling_rate: number
}

/** Ordered by user. With `page`, a session counts whole, a clock only as far as it ran on such pages. */
async function measuredSessions(store: Store, request: SessionDurationRequest): Promise<MeasuredSession[]> {
  const { site = null, page, metric, anonymous } = request
  const { from, to } = daysAsInstants(request.start_date, request.end_date, request.timezone)
  const parameters = { from, to, site, path: page === undefined ? null : globOf(page), anonymous: Number(anonymous) }
  if (metric === 'session' || page === undefined) {
    return store.read<MeasuredSession>(WHOLE_SESSIONS, { ...parameters, metric })
  }

  const bySession = new Map<string, { session: PagesRow; views: PagesRow[] }>()
  for (const row of await store.read<PagesRow>(PAGES_OF_SESSIONS, parameters)) {
    const entry = bySession.get(row.session_id) ?? { session: row, views: [] }
    entry.views.push(row)
    bySession.set(row.session_id, entry)
  }
  return [...bySession.values()].map(({ session: { user_id, sampling_rate }, views }) => {
    const measure = measureSession(views.map(receivedView))
    return { user_id, sampling_rate, ms: measure[`${metric}Ms`] }
  })
}

interface PagesRow extends ViewRow, Omit<MeasuredSession, 'ms'> {
  session_id: string
}

const WHOLE_SESSIONS: Question = {
  sqlite: `
    SELECT coalesce(user_id, visitor_id) AS user_id, sampling_rate,
           CASE :metric WHEN 'visible' THEN visible_ms WHEN 'engaged' THEN engaged_ms WHEN 'total' THEN total_ms
                        ELSE duration_ms END AS ms
    FROM sessions
    WHERE started_at >= :from AND started_at < :to
      AND (:site IS NULL OR site = :site)
      AND (:path IS NULL OR EXISTS (
        SELECT 1 FROM views WHERE views.session_id = sessions.session_id AND views.path GLOB :path))
      AND (:anonymous OR coalesce(user_id, visitor_id) IS NOT NULL)
    ORDER BY coalesce(user_id, visitor_id)`,
}

const PAGES_OF_SESSIONS: Question = {
  sqlite: `
    SELECT sessions.session_id, coalesce(user_id, visitor_id) AS user_id, sampling_rate,
           record, views.received_at, views.skew_ms
    FROM sessions JOIN views USING (session_id)
    WHERE sessions.started_at >= :from AND sessions.started_at < :to
      AND (:site IS NULL OR sessions.site = :site)
      AND views.path GLOB :path
      AND (:anonymous OR coalesce(user_id, visitor_id) IS NOT NULL)
    ORDER BY coalesce(user_id, visitor_id)`,
}

/** An exact path, or one with `*` for any characters, as a GLOB pattern: its other special characters are escaped. */
const globOf = (page: string) => page.replace(/[?[]/g, '[$&]')

const seconds = (ms: number) => Math.round(ms) / 1000
