import { onTestFinished } from 'vitest'
import { type AppOptions, createApp } from '../../src/app.ts'
import { createClient } from '../../src/client.ts'
import { DEFAULT_RULES } from '../../src/metrics/counts.ts'
import type { ReportedSession } from '../../src/reports/sessions.ts'
import { createReaper } from '../../src/sessions/keeper.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { envelope, START } from './records.ts'

/** What Node's server hands to the app for a request from this machine. */
export const fromHere = { incoming: { socket: { remoteAddress: '127.0.0.1' } } } as never

const GRACE_MS = 300_000

/** A whole collector in memory, its clock in our hands. */
export function createCollector(
  store: Store = openSqliteStore(':memory:'),
  config: Partial<AppOptions['config']> = {},
) {
  const clock = { now: START + 61_000 }
  const logged: { level: string; facts: object; event: string }[] = []
  const write = (level: string) => (facts: object, event: string) => void logged.push({ level, facts, event })
  const { app, metricsApp, flush, seen } = createApp({
    store,
    now: () => new Date(clock.now),
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    config: {
      ...{ sites: new Map(), rateLimit: 0, trustedHops: 0, tokens: { read: [] }, isKeeper: true },
      metrics: { isEnabled: true, path: '/metrics', port: undefined, rules: DEFAULT_RULES },
      live: { stats: new Map(), maxClients: 10 },
      alerts: { rules: [], secret: '', isPrivateAllowed: false },
      ...config,
    },
  })
  onTestFinished(() => seen.hub.stop())
  const reap = createReaper({ store, graceMs: GRACE_MS, listeningSince: new Date(START), keeper: seen.keeper })

  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    app.request('/v1/records', { method: 'POST', body, headers: { 'content-type': 'text/plain', ...headers } })
  const read = (path: string) => app.request(path, {}, fromHere)

  const client = createClient({
    origin: 'http://localhost',
    fetch: (url, init) => app.request(url, init, fromHere) as Promise<Response>,
  })

  /** The lines of /metrics that begin so. */
  async function metrics(prefix: string): Promise<string[]> {
    const text = await (await read('/metrics')).text()
    return text.split('\n').filter((line) => line.startsWith(prefix))
  }

  return {
    app,
    metricsApp,
    seen,
    store,
    client,
    report: client.report,
    clock,
    logged,
    flush,
    post,
    read,
    reap: () => reap(new Date(clock.now)),
    send: async (records: unknown[], changes: Parameters<typeof envelope>[1] = {}) =>
      (await post(JSON.stringify(envelope(records, { sentAt: clock.now, ...changes })))).json(),
    sessions: async (query = '') => {
      const answer = (await (await read(`/api/reports/sessions${query}`)).json()) as { sessions: ReportedSession[] }
      return answer.sessions
    },
    sessionDuration: (request: object) =>
      app.request('/api/session-duration', { method: 'POST', body: JSON.stringify(request) }, fromHere),
    metrics,
    /** Those that are not 0. */
    counted: async (prefix: string) => (await metrics(prefix)).filter((line) => !line.endsWith(' 0')),
  }
}
