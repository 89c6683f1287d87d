import type { ViewRecord } from 'dwelltime/protocol'
import * as v from 'valibot'
import { question } from '../store/question.ts'
import { viewConditions } from './filter.ts'
import { defineReport } from './report.ts'

const MINUTE_MS = 60_000
const MINUTES = 30

/** A view that began before this is not looked at any more. */
const LONGEST_VIEW_MS = 12 * 60 * MINUTE_MS

/** For pages that send none by themselves, and the most that is waited for. */
const USUAL_HEARTBEAT_MS = 60_000
const LONGEST_HEARTBEAT_MS = 5 * MINUTE_MS

/** Views whose newest record is read; a site with more people at once learns of so many. */
const MOST_VIEWS = 5_000

/** Who is here now, and what the last half hour brought, page by page. The first row is all of them. */
export const now = defineReport({
  name: 'now',
  summary:
    'Who is here now (heard of within two heartbeats, on screen), and views begun in each of the last 30 minutes',
  canBeLimitedToPages: true,
  entries: {},
  row: v.object({
    /** null: everywhere. */
    path: v.nullable(v.string()),
    /** As the newest view says. */
    title: v.string(),
    /** Sessions with a view on screen. */
    sessions: v.number(),
    /** Views begun in each of the last 30 minutes, the current one last. */
    perMinute: v.array(v.number()),
  }),
  async ask(store, _, filter, { now: at }) {
    const firstMinute = Math.floor(at / MINUTE_MS) * MINUTE_MS - (MINUTES - 1) * MINUTE_MS
    const half = viewConditions(filter, { from: firstMinute, to: at + MINUTE_MS })
    const begun = await store.read<{ path: string; minute_at: number; view_count: number }>(
      question(
        (dialect) => `
        SELECT path, began_at - began_at % ${MINUTE_MS} AS minute_at, count(*) AS view_count
        FROM ${half.near(dialect)} WHERE ${half.sql(dialect)}
        GROUP BY path, minute_at`,
      ),
      half.parameters,
    )
    const lately = viewConditions(filter, { from: at - LONGEST_VIEW_MS, to: at + MINUTE_MS })
    const heard = await store.read<{ record: string; received_at: number }>(
      question(
        (dialect) => `
        SELECT record, received_at FROM ${lately.near(dialect)}
        WHERE ${lately.sql(dialect)} AND received_at >= :heardFrom
        ORDER BY began_at DESC LIMIT :most`,
      ),
      { ...lately.parameters, heardFrom: at - 2 * LONGEST_HEARTBEAT_MS, most: MOST_VIEWS },
    )

    const pages = new Map<string | null, Page>([[null, newPage('')]])
    const pageOf = (path: string): Page => {
      const page = pages.get(path) ?? newPage('')
      pages.set(path, page)
      return page
    }
    for (const { path, minute_at, view_count } of begun) {
      const minute = (minute_at - firstMinute) / MINUTE_MS
      for (const page of [pageOf(path), pages.get(null)!]) page.perMinute[minute]! += view_count
    }
    for (const { record: json, received_at } of heard) {
      const record = JSON.parse(json) as ViewRecord
      const isOneHere = isHere(record, received_at, at)
      const page = isOneHere ? pageOf(record.path) : pages.get(record.path)
      if (page) page.title ||= record.title ?? ''
      if (!isOneHere) continue
      page!.sessions.add(record.sessionId)
      pages.get(null)!.sessions.add(record.sessionId)
    }
    const [all, ...rest] = [...pages].map(([path, page]) => ({ path, ...page, sessions: page.sessions.size }))
    const sum = (page: { perMinute: number[] }) => page.perMinute.reduce((total, views) => total + views, 0)
    return [all!, ...rest.sort((a, b) => b.sessions - a.sessions || sum(b) - sum(a) || (a.path! < b.path! ? -1 : 1))]
  },
})

interface Page {
  title: string
  sessions: Set<string>
  perMinute: number[]
}

const newPage = (title: string): Page => ({ title, sessions: new Set(), perMinute: Array<number>(MINUTES).fill(0) })

/** Not over, on screen when it was last heard of, and that not long ago. */
function isHere({ endReason, state, heartbeatMs }: ViewRecord, receivedAt: number, at: number): boolean {
  if (endReason !== undefined || state === 'hidden' || state === 'frozen') return false
  return at - receivedAt <= 2 * Math.min(heartbeatMs || USUAL_HEARTBEAT_MS, LONGEST_HEARTBEAT_MS)
}
