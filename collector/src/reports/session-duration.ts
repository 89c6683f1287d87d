import * as v from 'valibot'
import { measureSession } from '../sessions/session.ts'
import { pagePattern, question } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import { receivedView, VIEW_COLUMNS, type ViewRow } from '../store/view-row.ts'
import { between, object, oneOf, type Parsed, parse, text } from '../wanted.ts'
import { daysAsInstants, isDate, isTimeZone } from './calendar.ts'
import { type Weighted, weightedAverage, weightedPercentile } from './weighted.ts'

/** How long the sessions of each user lasted, by the day they started. */

const DATE = 'a date as YYYY-MM-DD'
const ZONE = 'the name of an IANA time zone'

/** What can be asked. */
export const sessionDurationParams = object({
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

export type SessionDurationRequest = v.InferOutput<typeof sessionDurationParams>
export type SessionDurationParams = v.InferInput<typeof sessionDurationParams>

/** Seconds; `user_id` is null for all the sessions that told neither a user nor a visitor id. */
export const durationResult = v.object({
  user_id: v.nullable(v.string()),
  average_duration: v.number(),
  percentiles: v.exactOptional(v.record(v.string(), v.number())),
})
export type DurationResult = v.InferOutput<typeof durationResult>

export const sessionDurationResponse = v.object({ results: v.array(durationResult) })
export type SessionDurationResponse = v.InferOutput<typeof sessionDurationResponse>

export function parseSessionDurationRequest(body: unknown): Parsed<SessionDurationRequest> {
  const request = parse(sessionDurationParams, body, 'body')
  const isBackwards = request.value && request.value.start_date > request.value.end_date
  return isBackwards ? { problem: 'Start date cannot be after end date' } : request
}

export async function sessionDuration(store: Store, request: SessionDurationRequest): Promise<DurationResult[]> {
  const byUser = new Map<string, Weighted[]>()
  for (const [person, samplingRate, value] of await measuredSessions(store, request)) {
    const session = { value, weight: 1 / samplingRate }
    const sessions = byUser.get(person)
    if (sessions) sessions.push(session)
    else byUser.set(person, [session])
  }

  // There may be as many users as sessions: sorted by nothing but their ids, which is quickest.
  return [...byUser.keys()].sort().map((person) => {
    const sessions = byUser.get(person)!
    const result: DurationResult = { user_id: person || null, average_duration: seconds(weightedAverage(sessions)) }
    if (request.percentiles.length === 0) return result
    const percentiles = request.percentiles.map((percent) => [percent, seconds(weightedPercentile(sessions, percent))])
    return { ...result, percentiles: Object.fromEntries(percentiles) }
  })
}

type MeasuredSession = [person: string, samplingRate: number, ms: number]

/** With `page`, a session counts whole, a clock only as far as it ran on such pages. */
async function measuredSessions(store: Store, request: SessionDurationRequest): Promise<MeasuredSession[]> {
  const { site, page, metric } = request
  const { from, to } = daysAsInstants(request.start_date, request.end_date, request.timezone)
  const parameters = {
    from,
    to,
    ...(site !== undefined && { site }),
    ...(page !== undefined && pagePattern('page', page)),
  }
  if (metric === 'session' || page === undefined) {
    const [row] = await store.read<{ sessions: string | null }>(wholeSessions(request), parameters)
    return JSON.parse(row!.sessions ?? '[]') as MeasuredSession[]
  }

  const bySession = new Map<string, { session: PagesRow; views: PagesRow[] }>()
  for (const row of await store.read<PagesRow>(pagesOfSessions(request), parameters)) {
    const entry = bySession.get(row.session_id) ?? { session: row, views: [] }
    entry.views.push(row)
    bySession.set(row.session_id, entry)
  }
  return [...bySession.values()].map(({ session: { person, sampling_rate }, views }) => {
    const measure = measureSession(views.map(receivedView))
    return [person, sampling_rate, measure[`${metric}Ms`]]
  })
}

interface PagesRow extends ViewRow {
  session_id: string
  person: string
  sampling_rate: number
}

const LENGTH_COLUMNS = {
  session: 'duration_ms',
  visible: 'visible_ms',
  engaged: 'engaged_ms',
  total: 'total_ms',
} as const

const wholeSessions = (request: SessionDurationRequest) =>
  question(
    (dialect) => `
    SELECT ${dialect.listOf(['person', 'sampling_rate', LENGTH_COLUMNS[request.metric]])} AS sessions
    FROM ${dialect.sessionsWith('started_at >= :from AND started_at < :to')}
    WHERE ${whichSessions(request)}
      ${request.page === undefined ? '' : `AND ${dialect.hasViews(dialect.matchesPage('views.path', 'page'))}`}`,
  )

const pagesOfSessions = (request: SessionDurationRequest) =>
  question(
    (dialect) => `
    SELECT sessions.session_id AS session_id, person, sampling_rate, ${VIEW_COLUMNS}
    FROM ${dialect.sessionsWith('started_at >= :from AND started_at < :to')} JOIN views ON views.session_id = sessions.session_id
    WHERE ${whichSessions(request)}
      AND ${dialect.matchesPage('views.path', 'page')}
    ORDER BY sessions.session_id, views.view_id`,
  )

const whichSessions = ({ site, anonymous }: SessionDurationRequest) => `sessions.started_at >= :from
      AND sessions.started_at < :to
      ${site === undefined ? '' : 'AND sessions.site = :site'}
      ${anonymous ? '' : "AND person <> ''"}`

const seconds = (ms: number) => Math.round(ms) / 1000
