import { setTimeout as delay } from 'node:timers/promises'
import type { Context, Hono } from 'hono'
import { narrow, type Reader } from './access.ts'
import type { AppEnv } from './app.ts'
import { readJson } from './json-body.ts'
import { parseLiveRequest } from './live/request.ts'
import { createMcp } from './mcp/route.ts'
import type { Report } from './reports/report.ts'
import { REPORTS } from './reports/reports.ts'
import type { Seen } from './seen.ts'
import type { MetricsSetting } from './settings.ts'

type Refused<Status> = { problem: string; status: Status }

/** The rows of a report as a reader may see them, or why not. */
export type AnswerReport = (
  report: Report,
  query: Record<string, string>,
  reader: Reader,
) => Promise<
  | { rows: object[]; format: 'json' | 'csv'; problem?: never; status?: never }
  | ({ rows?: never; format?: never } & Refused<400 | 403>)
>

type MetricsAnswer =
  | { text: string; type: string; problem?: never; status?: never }
  | ({ text?: never; type?: never } & Refused<403 | 404 | 503>)

export interface SeenRoutes {
  app: Hono<AppEnv>
  /** Has the metrics alone. */
  metricsApp: Hono<AppEnv>
  seen: Seen
  settled: () => Promise<void>
  answerReport: AnswerReport
  whyNotKeeping: () => string | undefined
  metrics: MetricsSetting
}

/** How long a scrape waits for what is not counted yet: after a flood it tells what is, and the next one more. */
const SETTLE_LIMIT_MS = 2_000

const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no', // nginx would hold events back until there are enough
}

/** Metrics, the live stream, sessions of other components, MCP. Only the keeper can answer most of it. */
export function registerSeenRoutes(routes: SeenRoutes): void {
  const { app, metricsApp, seen, settled, answerReport, whyNotKeeping, metrics } = routes
  /** The exposition as this reader may see it, or why not. */
  async function answerMetrics({ site, page }: Reader): Promise<MetricsAnswer> {
    if (!metrics.isEnabled) return { problem: 'metrics: are off (enable_prometheus_metrics)', status: 404 }
    if (site !== undefined || page !== undefined) {
      return { problem: 'metrics: want a token for all sites', status: 403 }
    }
    const notKeeping = whyNotKeeping()
    if (notKeeping) return { problem: `metrics: ${notKeeping}`, status: 503 }
    await Promise.race([settled(), delay(SETTLE_LIMIT_MS, undefined, { ref: false })])
    return seen.exposition()
  }
  const metricsRoute = async (c: Context<AppEnv>) => {
    const { text, type, problem, status } = await answerMetrics(c.get('reader'))
    return problem === undefined ? c.body(text, 200, { 'Content-Type': type }) : c.json({ problem }, status)
  }
  metricsApp.get(metrics.path, metricsRoute)
  if (metrics.port === undefined) app.get(metrics.path, metricsRoute)

  app.get('/api/live', (c) => {
    const { value, problem } = parseLiveRequest(c.req.query())
    if (problem !== undefined) return c.json({ detail: problem }, 400)
    const narrowed = narrow(c.get('reader'), value.site, 'site')
    if (narrowed.problem !== undefined) return c.json({ detail: narrowed.problem }, 403)
    const notKeeping = whyNotKeeping()
    if (notKeeping) return c.json({ problem: `live: ${notKeeping}` }, 503)
    if (c.req.method === 'HEAD') return c.body(null, 200, STREAM_HEADERS) // nobody would read the stream
    const site = narrowed.value.site ?? value.site
    const stream = seen.hub.open({ site, lastEventId: c.req.header('last-event-id') ?? value.last_event_id })
    if (!stream) return c.json({ problem: 'live: too many clients' }, 503, { 'Retry-After': '30' })
    return c.body(stream, 200, STREAM_HEADERS)
  })
  app.post('/api/session-events', async (c) => {
    const { isAdmin, isLocal } = c.get('reader')
    if (!isAdmin && !isLocal) return c.json({ problem: 'session events: want the admin token' }, 403)
    // A web page could send anything else from here without being asked for leave first.
    if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
      return c.json({ detail: 'content-type: want application/json' }, 415)
    }
    const notKeeping = whyNotKeeping()
    if (notKeeping) return c.json({ problem: `session events: ${notKeeping}` }, 503)
    const body = await readJson(c.req.raw)
    if (body.problem !== undefined) return c.json({ detail: body.problem }, body.status)
    const result = await seen.tracker.track(body.value)
    return result.status === 200 ? c.json(result.answer) : c.json({ detail: result.problem }, result.status)
  })
  app.post('/mcp', (c) => {
    const reader = c.get('reader')
    return createMcp({
      async metrics() {
        const { text, problem } = await answerMetrics(reader)
        if (problem !== undefined) throw new Error(problem)
        return text
      },
      async report(name, query) {
        const report = REPORTS.find((each) => each.name === name) as Report
        const { rows, problem } = await answerReport(report, query, reader)
        if (problem !== undefined) throw new Error(problem)
        return rows
      },
    })(c.req.raw)
  })
}
