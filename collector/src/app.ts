import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { Registry } from 'prom-client'
import { createHealth } from './health.ts'
import { createIngest } from './ingest/ingest.ts'
import { readJson } from './json-body.ts'
import { sessionMetrics } from './metrics.ts'
import { readingRefused } from './read-access.ts'
import { parseSessionDurationRequest, sessionDuration } from './reports/session-duration.ts'
import { newestSessions, parseSessionsRequest } from './reports/sessions.ts'
import { settle } from './sessions/keeper.ts'
import { serveStaticFiles } from './static-files.ts'
import type { Store } from './store/store.ts'

/** Node's own request comes along: it knows the peer. */
export type AppEnv = { Bindings: Partial<HttpBindings> }

export interface AppOptions {
  store: Store
  now: () => Date
  config: {
    /** Has `dwelltime.js`, `dwelltime.full.js` and `demo/`; without it none is served. */
    publicDir?: string
  }
}

/** In seconds: after a refusal that is ours, not the sender's. */
const RETRY_AFTER = '5'

/** Routes, and nothing else. */
export function createApp({ store, now, config }: AppOptions): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const health = createHealth()
  const ingest = createIngest({ store, health, now })

  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })
  app.use('/api/*', onlyReaders)
  app.use('/metrics', onlyReaders)

  app.post('/v1/records', async (c) => {
    c.header('Access-Control-Allow-Origin', '*')
    c.header('Access-Control-Expose-Headers', 'Retry-After')
    const { answer, refusal } = await ingest(c.req.raw)
    if (answer) return c.json(answer)
    if (refusal.status === 503) c.header('Retry-After', RETRY_AFTER)
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
    await settle(store)
    return c.json({ results: await sessionDuration(store, request.value) })
  })
  app.get('/api/reports/sessions', async (c) => {
    const request = parseSessionsRequest(c.req.query())
    if (request.problem !== undefined) return c.json({ detail: request.problem }, 400)
    await settle(store)
    return c.json({ sessions: await newestSessions(store, request.value) })
  })
  app.get('/metrics', async (c) => {
    await settle(store)
    const registry = Registry.merge([sessionMetrics(await store.counters()), health.registry])
    return c.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType })
  })

  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/', (c) => c.redirect('/demo/'))
  if (config.publicDir) serveStaticFiles(app, config.publicDir)

  refuseOtherMethods(app)
  app.notFound((c) => c.json({ problem: 'no such route' }, 404))
  app.onError((error, c) => {
    console.error(`dwelltime: ${c.req.method} ${c.req.path} failed:`, error)
    return c.json({ problem: 'something went wrong here; the log says more' }, 500)
  })
  return app
}

const onlyReaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  const problem = readingRefused({
    peerAddress: c.env?.incoming?.socket?.remoteAddress,
    host: c.req.header('host') ?? new URL(c.req.url).host,
    headers: c.req.raw.headers,
  })
  return problem ? c.json({ problem }, 403) : next()
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
