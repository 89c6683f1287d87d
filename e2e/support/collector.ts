import { fileURLToPath } from 'node:url'
import type { SessionEndReason, ViewRecord } from '../../src/protocol/record.ts'
import type { DurationResult } from '../../src/react/index.ts'
import { type Running, run } from './process.ts'

const MAIN = fileURLToPath(new URL('../../collector/dist/main.js', import.meta.url))

/** What `GET /api/reports/sessions` answers for one session. Durations in ms, instants since the epoch. */
export interface StoredSession {
  sessionId: string
  site: string
  userId: string | null
  visitorId: string | null
  startedAt: number
  endedAt: number
  lastActivityAt: number
  durationMs: number
  totalMs: number
  visibleMs: number
  engagedMs: number
  status: 'open' | 'success' | 'error'
  endReason: SessionEndReason | 'reaped' | null
  views: StoredView[]
}

export type StoredView = ViewRecord & { receivedAt: number; skewMs: number | null }

export interface Collector {
  url: string
  /** Where the SDK posts to: its `collector` option. */
  recordsUrl: string
  /**
   * The newest first. A view whose last record says that it was hidden, by a closing that is known here, has `leave` for
   * its end, as the collector reckons it. At most 200, of all sites or of one.
   */
  sessions(site?: string): Promise<StoredSession[]>
  /** When tabs were closed whose page may have been hidden before it heard that it leaves. Epoch ms. */
  closings: { from: number; to: number }[]
  /** `POST /api/session-duration`. */
  durations(body: object): Promise<DurationResult[]>
  /** `GET /metrics`. */
  metrics(): Promise<string>
  /** Asks it to end, as a service manager does, and waits: unless it was killed before, it has to end with code 0. */
  stop(): Promise<void>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  /** After `stop()` or `kill()`: the same data directory, the same port. */
  restart(): Promise<void>
}

/** Flags of the collector by name, without the dashes. */
export type CollectorFlags = Record<string, string | number>

/** Starts the built collector as a process of its own, on a free port. */
export async function startCollector(dataDir: string, flags: CollectorFlags = {}): Promise<Collector> {
  const all: CollectorFlags = { host: '127.0.0.1', port: 0, 'data-dir': dataDir, 'reap-grace': 1, ...flags }
  let child: Running
  let killed = false
  const start = async () => {
    killed = false
    child = run(process.execPath, [MAIN, ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, `${value}`])])
    const [, url] = await child.printed(/listening on (http:\S+)/)
    return url!
  }

  const url = await start()
  all.port = new URL(url).port

  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init)
    const text = await response.text()
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}\n${child.output()}`)
    return text
  }

  /** Whether the page was hidden by being closed; each side rounds, and the other is told a little later. */
  const wasClosed = ({ state, startedAt, totalMs }: StoredView) => {
    const at = startedAt + totalMs
    return state === 'hidden' && closings.some(({ from, to }) => at > from - 20 && at < to + 200)
  }
  const closings: Collector['closings'] = []

  return {
    closings,
    url,
    recordsUrl: `${url}/v1/records`,
    async sessions(site) {
      const query = new URLSearchParams({ limit: '200', ...(site && { site }) })
      const { sessions }: { sessions: StoredSession[] } = JSON.parse(await ask(`/api/reports/sessions?${query}`))
      for (const { views } of sessions) for (const view of views) if (wasClosed(view)) view.endReason ??= 'leave'
      return sessions
    },
    async durations(body) {
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      return JSON.parse(await ask('/api/session-duration', init)).results
    },
    metrics: () => ask('/metrics'),
    async stop() {
      if (killed) return
      child.signal('SIGTERM')
      const code = await child.exited
      if (code !== 0) throw new Error(`the collector ended with ${code}:\n${child.output()}`)
    },
    async kill() {
      killed = true
      child.signal('SIGKILL')
      await child.exited
    },
    async restart() {
      await start()
    },
  }
}
