import type { ViewRecord } from 'dwelltime/protocol'
import * as v from 'valibot'
import type { Session } from '../sessions/session.ts'
import { question } from '../store/question.ts'
import type { Parameters, Store } from '../store/store.ts'
import { receivedView, VIEW_COLUMNS, type ViewRow } from '../store/view-row.ts'
import { object, type Parsed, parse, text } from '../wanted.ts'

/** The newest sessions, each with its views. */

/** A session without what only single reports are about. */
export type ListedSession = Omit<
  Session,
  | 'client'
  | 'samplingRate'
  | 'people'
  | 'viewCount'
  | 'entryPath'
  | 'exitPath'
  | 'pageGroup'
  | 'referrer'
  | 'campaign'
  | 'device'
  | 'isBot'
  | 'skewMs'
  | 'breaks'
  | 'tenths'
>

/** A view as it was sent, and when it was received. */
export type ReportedView = ViewRecord & { receivedAt: number; skewMs: number | null }

export interface ReportedSession extends ListedSession {
  views: ReportedView[]
}

const MAX_LIMIT = 200
const LIMIT = `an integer from 1 to ${MAX_LIMIT}`

/** What can be asked. */
export const sessionsQuery = object({
  site: v.optional(text(255, 1)),
  limit: v.optional(
    v.pipe(
      v.string(LIMIT),
      v.regex(/^\d{1,3}$/, LIMIT),
      v.transform(Number),
      v.minValue(1, LIMIT),
      v.maxValue(MAX_LIMIT, LIMIT),
    ),
    '50',
  ),
})

export type SessionsRequest = v.InferOutput<typeof sessionsQuery>
export type SessionsQuery = v.InferInput<typeof sessionsQuery>

/** The views are records as in docs/protocol.md, with their receipt. */
export const sessionsResponse = v.object({ sessions: v.array(v.custom<ReportedSession>(isSession)) })
export type SessionsResponse = v.InferOutput<typeof sessionsResponse>

export const parseSessionsRequest = (query: Record<string, string>): Parsed<SessionsRequest> =>
  parse(sessionsQuery, query, 'query')

export async function newestSessions(store: Store, { site, limit }: SessionsRequest): Promise<ReportedSession[]> {
  const ofSite: Parameters = site === undefined ? {} : { site }
  const [earliest] = await store.read<{ started_at: number }>(EARLIEST, { among: limit * AMONG })
  const since = async (from: number) => store.read<ListedSession>(newest(site), { ...ofSite, limit, from })
  const lately = earliest ? await since(earliest.started_at) : []
  const sessions = lately.length < limit ? await since(0) : lately
  const sessionIds = JSON.stringify(sessions.map((session) => session.sessionId))
  const views = new Map(sessions.map((session) => [session.sessionId, [] as ReportedView[]]))
  for (const row of await store.read<ViewRow>(THEIR_VIEWS, { sessionIds })) {
    const { record, receivedAt, skewMs } = receivedView(row)
    views.get(record.sessionId)?.push({ ...record, receivedAt, skewMs })
  }
  return sessions.map((session) => ({ ...session, views: views.get(session.sessionId) ?? [] }))
}

function isSession(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'views' in input
}

/** How many are looked at first for each that is wanted: some are of other sites, or other versions of the same. */
const AMONG = 10

/** When the earliest of so many newest ones began. */
const EARLIEST = question(
  ({ sessionVersions }) => `
    SELECT started_at FROM ${sessionVersions} ORDER BY started_at DESC LIMIT 1 OFFSET :among`,
)

const newest = (site: string | undefined) =>
  question(
    ({ sessionsWith }) => `
    SELECT session_id AS sessionId, site, user_id AS userId, visitor_id AS visitorId, started_at AS startedAt,
           ended_at AS endedAt, last_activity_at AS lastActivityAt, duration_ms AS durationMs, total_ms AS totalMs,
           visible_ms AS visibleMs, engaged_ms AS engagedMs, status, end_reason AS endReason
    FROM ${sessionsWith('started_at >= :from')}
    WHERE started_at >= :from ${site === undefined ? '' : 'AND site = :site'}
    ORDER BY started_at DESC, session_id LIMIT :limit`,
  )

const THEIR_VIEWS = question(
  (dialect) => `
    SELECT ${VIEW_COLUMNS} FROM views
    ${dialect.whereKey} ${dialect.isIn('session_id', 'sessionIds')}
    ORDER BY started_at, view_id`,
)
