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

export const sessionDurationResponse = v.object({ results: v.array(durationResult) })
export type SessionDurationResponse = v.InferOutput<typeof sessionDurationResponse>

export function parseSessionDurationRequest(body: unknown): Parsed<SessionDurationRequest> {
  const request = parse(sessionDurationParams, body, 'body')
  const isBackwards = request.value && request.value.start_date > request.value.end_date
  return isBackwards ? { problem: 'Start date cannot be after end date' } : request
}

/** The JSON of a `SessionDurationResponse`: of very many users it is written in half the time that the objects would take. */
export async function sessionDuration(store: Store, request: SessionDurationRequest): Promise<string> {
  const { people, rates, lengths } = await measuredSessions(store, request)
  const results: string[] = []
  for (let at = 0; at < people.length; ) {
    const person = people[at]!
    const sessions: Weighted[] = []
    for (; people[at] === person; at++) sessions.push({ value: lengths[at]!, weight: 1 / rates[at]! })
    const user = person ? JSON.stringify(person) : 'null'
    results.push(
      `{"user_id":${user},"average_duration":${seconds(weightedAverage(sessions))}${percentilesOf(sessions)}}`,
    )
  }
  return `{"results":[${results.join()}]}`

  function percentilesOf(sessions: readonly Weighted[]): string {
    if (request.percentiles.length === 0) return ''
    const found = [...new Set(request.percentiles)].map(
      (percent) => `"${percent}":${seconds(weightedPercentile(sessions, percent))}`,
    )
    return `,"percentiles":{${found.join()}}`
  }
}

/** Person by person; of each session, at the same place: whose, its sampling rate, its ms. There may be very many. */
interface MeasuredSessions {
  people: string[]
  rates: number[]
  lengths: number[]
}

/** With `page`, a session counts whole, a clock only as far as it ran on such pages. */
async function measuredSessions(store: Store, request: SessionDurationRequest): Promise<MeasuredSessions> {
  const { site, page, metric } = request
  const { from, to } = daysAsInstants(request.start_date, request.end_date, request.timezone)
  const parameters = {
    from,
    to,
    ...(site !== undefined && { site }),
    ...(page !== undefined && pagePattern('page', page)),
  }
  if (metric === 'session' || page === undefined) {
    const [row] = await store.read<Record<keyof MeasuredSessions, string>>(wholeSessions(request), parameters)
    const { people, rates, lengths } = row!
    return { people: JSON.parse(people), rates: JSON.parse(rates), lengths: JSON.parse(lengths) }
  }

  const bySession = new Map<string, { session: PagesRow; views: PagesRow[] }>()
  for (const row of await store.read<PagesRow>(pagesOfSessions(request), parameters)) {
    const entry = bySession.get(row.session_id) ?? { session: row, views: [] }
    entry.views.push(row)
    bySession.set(row.session_id, entry)
  }
  const sessions = [...bySession.values()]
  return {
    people: sessions.map(({ session }) => session.person),
    rates: sessions.map(({ session }) => session.sampling_rate),
    lengths: sessions.map(({ views }) => measureSession(views.map(receivedView))[`${metric}Ms`]),
  }
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
    SELECT ${dialect.valuesOf('person')} AS people, ${dialect.valuesOf('sampling_rate')} AS rates,
           ${dialect.valuesOf('ms')} AS lengths
    FROM (
      SELECT person, sampling_rate, ${LENGTH_COLUMNS[request.metric]} AS ms
      FROM ${dialect.sessionsWith('started_at >= :from AND started_at < :to')}
      WHERE ${whichSessions(request)}
        ${request.page === undefined ? '' : `AND ${dialect.hasViews(dialect.matchesPage('views.path', 'page'))}`}
      ORDER BY person
    ) AS by_person`,
  )

const pagesOfSessions = (request: SessionDurationRequest) =>
  question(
    (dialect) => `
    SELECT sessions.session_id AS session_id, person, sampling_rate, ${VIEW_COLUMNS}
    FROM ${dialect.sessionsWith('started_at >= :from AND started_at < :to')} JOIN views ON views.session_id = sessions.session_id
    WHERE ${whichSessions(request)}
      AND ${dialect.matchesPage('views.path', 'page')}
    ORDER BY person, sessions.session_id, views.view_id`,
  )

const whichSessions = ({ site, anonymous }: SessionDurationRequest) => `sessions.started_at >= :from
      AND sessions.started_at < :to
      ${site === undefined ? '' : 'AND sessions.site = :site'}
      ${anonymous ? '' : "AND person <> ''"}`

const seconds = (ms: number) => Math.round(ms) / 1000
