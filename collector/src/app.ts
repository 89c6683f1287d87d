import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { authorize, narrow, type Reader, type Tokens } from './access.ts'
import { createHealth } from './health.ts'
import { addressPrefix } from './ingest/address.ts'
import { createIngest } from './ingest/ingest.ts'
import { createLedger } from './ingest/ledger.ts'
import type { Sites } from './ingest/sites.ts'
import { readJson } from './json-body.ts'
import { createErrorLog, type Log } from './log.ts'
import { openApi } from './openapi.ts'
import { toCsv } from './reports/csv.ts'
import { parseReportRequest, type Report } from './reports/report.ts'
import { REPORTS } from './reports/reports.ts'
import { parseSessionDurationRequest, sessionDuration } from './reports/session-duration.ts'
import { newestSessions, parseSessionsRequest } from './reports/sessions.ts'
import { createSeen, type Seen, type SeenSettings } from './seen.ts'
import { type AnswerReport, registerSeenRoutes } from './seen-routes.ts'
import { serveStaticFiles } from './static-files.ts'
import type { Store } from './store/store.ts'
import { TooManyQuestionsError } from './store/too-many-questions.ts'

/** Node's own request comes along: it knows the peer. */
export type AppEnv = { Bindings: Partial<HttpBindings>; Variables: { reader: Reader } }

export interface AppOptions {
  store: Store
  now: () => Date
  log: Log
  config: {
    /** Has `dwelltime.js`, `dwelltime.full.js` and `demo/`; without it none is served. */
    publicDir?: string
    /** Empty: any. */
    sites: Sites
    /** Records a minute from one address prefix for one site; 0: no limit. */
    rateLimit: number
    /** How many proxies of ours stand before this process. */
    trustedHops: number
    tokens: Tokens
    /** May end and count sessions; of such processes on one store exactly one does, the others stand by. */
    isKeeper: boolean
  } & Omit<SeenSettings, 'sites'>
}

/** The routes as an app, and what has to be done before it may go. */
export interface Collector {
  app: Hono<AppEnv>
  /** Resolves when everything that was noted is stored. */
  flush(): Promise<void>
  /** What the keeper tells of sessions, and to whom. */
  seen: Seen
  /** The metrics alone, where they have a port of their own. */
  metricsApp: Hono<AppEnv>
}

/** Routes, and nothing else. */
export function createApp({ store, now, log, config }: AppOptions): Collector {
  const app = new Hono<AppEnv>()
  const metricsApp = new Hono<AppEnv>()
  const health = createHealth()
  const onError = createErrorLog(log, 'records could not be stored', () => now().getTime())
  const ledger = createLedger({ noteIntake: store.noteIntake, now, onError })
  const { sites, rateLimit, trustedHops } = config
  /** Why another collector has to be asked; undefined: this one keeps. */
  const whyNotKeeping = () => {
    if (!config.isKeeper) return 'ask the collector that runs with KEEPER=1'
    return store.isKeeper() ? undefined : 'of those with KEEPER=1 another collector keeps now'
  }
  const seen = createSeen({ ...config, store, now, log, health, sites: [...sites.keys()] })
  const settled = async () => {
    if (!whyNotKeeping()) await seen.settled()
  }
  const append: Store['append'] = (batch) => health.timeAppend(() => store.append(batch))
  const ingest = createIngest({
    ...{ store: { append }, health, ledger, now, onError, sites, rateLimit },
    ...(config.isKeeper && { onAnswered: seen.noteReceived }),
  })

  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })
  const onlyReaders = createReaderCheck(config.tokens)
  for (const path of ['/api/*', '/mcp', config.metrics.path]) app.use(path, onlyReaders)
  metricsApp.use(config.metrics.path, onlyReaders)

  app.post('/v1/records', async (c) => {
    c.header('Access-Control-Allow-Origin', '*')
    c.header('Access-Control-Expose-Headers', 'Retry-After')
    const route = { peerAddress: peerAddress(c), forwardedFor: c.req.header('x-forwarded-for') }
    const { answer, refusal } = await ingest(c.req.raw, addressPrefix(route, trustedHops))
    if (answer) return c.json(answer)
    if (refusal.retryAfter) c.header('Retry-After', String(refusal.retryAfter))
    return c.json({ problem: refusal.problem }, refusal.status)
  })
  app.options('/v1/records', (c) =>
    c.body(null, 204, {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'content-type',
      'Access-Control-Max-Age': '86400',
    }),
  )

  app.post('/api/session-duration', async (c) => {
    const body = await readJson(c.req.raw)
    if (body.problem !== undefined) return c.json({ detail: body.problem }, body.status)
    const request = parseSessionDurationRequest(body.value)
    if (request.problem !== undefined) return c.json({ detail: request.problem }, 400)
    const narrowed = narrow(c.get('reader'), request.value.site, 'site')
    if (narrowed.problem !== undefined) return c.json({ detail: narrowed.problem }, 403)
    await settled()
    const answer = await sessionDuration(store, { ...request.value, ...narrowed.value })
    return c.body(answer, 200, { 'content-type': 'application/json' })
  })
  app.get('/api/reports/sessions', async (c) => {
    const request = parseSessionsRequest(c.req.query())
    if (request.problem !== undefined) return c.json({ detail: request.problem }, 400)
    const narrowed = narrow(c.get('reader'), request.value.site, 'site')
    if (narrowed.problem !== undefined) return c.json({ detail: narrowed.problem }, 403)
    await settled()
    return c.json({ sessions: await newestSessions(store, { ...request.value, ...narrowed.value }) })
  })
  /** The rows of a report as this reader may see them, or why not. */
  const answerReport: AnswerReport = async (report, query, reader) => {
    const at = now().getTime()
    const { value, problem } = parseReportRequest(report, query, at)
    if (problem !== undefined) return { problem, status: 400 }
    const narrowed = narrow(reader, value.filter.site, report.canBeLimitedToPages ? 'pages' : 'site')
    if (narrowed.problem !== undefined) return { problem: narrowed.problem, status: 403 }
    await settled()
    await ledger.flush()
    const rows = await report.ask(store, value.request, { ...value.filter, ...narrowed.value }, { now: at })
    return { rows, format: value.request.format }
  }
  for (const report of REPORTS as readonly Report[]) {
    app.get(`/api/reports/${report.name}`, async (c) => {
      const { rows, format, problem, status } = await answerReport(report, c.req.query(), c.get('reader'))
      if (problem !== undefined) return c.json({ detail: problem }, status)
      if (format === 'json') return c.json({ rows })
      return c.body(toCsv(rows), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="${report.name}.csv"`,
      })
    })
  }
  app.delete('/api/users/:id', async (c) => {
    if (!c.get('reader').isAdmin) return c.json({ problem: 'deleting: want the admin token' }, 403)
    await settled()
    await ledger.flush()
    return c.json(await store.deleteUser(c.req.param('id'), now().getTime()))
  })
  registerSeenRoutes({ app, metricsApp, seen, settled, answerReport, whyNotKeeping, metrics: config.metrics })

  const document = openApi(config.metrics)
  app.get('/openapi.json', (c) => c.json(document))
  app.get('/readyz', async (c) => {
    try {
      await store.check()
      return c.json({ status: 'ok' })
    } catch (error) {
      onError(error)
      return c.json({ status: 'cannot store' }, 503, { 'Retry-After': '5' })
    }
  })
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  if (config.publicDir) serveStaticFiles(app, config.publicDir)

  refuseOtherMethods(app)
  app.notFound((c) => c.json({ problem: 'no such route' }, 404))
  app.onError((error, c) => {
    if (error instanceof TooManyQuestionsError) {
      return c.json({ problem: 'too many questions are waiting: come again' }, 503, { 'Retry-After': '5' })
    }
    log.error({ err: error, method: c.req.method, route: c.req.routePath }, 'a request failed')
    return c.json({ problem: 'something went wrong here; the log says more' }, 500)
  })
  return { app, flush: ledger.flush, seen, metricsApp }
}

const peerAddress = (c: Context<AppEnv>) => c.env?.incoming?.socket?.remoteAddress

function createReaderCheck(tokens: Tokens): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const caller = {
      peerAddress: peerAddress(c),
      host: c.req.header('host') ?? new URL(c.req.url).host,
      headers: c.req.raw.headers,
    }
    const { reader, refusal } = authorize(caller, tokens)
    if (!reader) {
      if (refusal.status === 401) c.header('WWW-Authenticate', 'Bearer')
      return c.json({ problem: refusal.problem }, refusal.status)
    }
    c.set('reader', reader)
    return next()
  }
}

/** Every path that exists answers 405 to the methods that it has no handler for. Comes after all routes. */
function refuseOtherMethods(app: Hono<AppEnv>): void {
  const methodsByPath = new Map<string, string[]>()
  for (const { method, path } of app.routes) {
    if (method !== 'ALL') methodsByPath.set(path, [...new Set([...(methodsByPath.get(path) ?? []), method])])
  }
  for (const [path, methods] of methodsByPath) {
    app.all(path, (c: Context<AppEnv>) => {
      if (methods.includes(c.req.method) || (c.req.method === 'HEAD' && methods.includes('GET'))) return c.notFound()
      return c.json({ problem: `method: want ${methods.join(' or ')}` }, 405, { Allow: methods.join(', ') })
    })
  }
}
