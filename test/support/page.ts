import { vi } from 'vitest'
import type { Envelope, ViewRecord } from '../../src/protocol/record.ts'
import { EPOCH } from './replay.ts'
import { setPage, trusted } from './scope.ts'

/** How long the page before was still on screen. */
const COMMIT = 100 // ms

/** When the page was first on screen. */
export const BEGIN = EPOCH + COMMIT

/**
 * A page under a clock that a test moves: IndexedDB answers in its own time, timers and both clocks do not run.
 * `posts` is what reached the collector by fetch or beacon.
 */
export function openPage() {
  // IndexedDB needs setImmediate to be real.
  vi.useFakeTimers({ now: EPOCH, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  setPage('visible')
  Object.defineProperty(performance, 'timing', {
    value: { navigationStart: EPOCH, domLoading: BEGIN },
    configurable: true,
  })
  vi.advanceTimersByTime(COMMIT)
  const posts: Envelope[] = []
  const receive = (body: unknown) => void posts.push(JSON.parse(String(body)))
  const collector = { isUp: true }
  vi.stubGlobal(
    'fetch',
    vi.fn(async (_: string, { body }: RequestInit) => {
      if (!collector.isUp) throw new TypeError('Failed to fetch')
      receive(body)
      return Response.json({ accepted: 1, problems: [] })
    }),
  )
  navigator.sendBeacon = (_, body) => {
    receive(body)
    return true
  }
  vi.spyOn(console, 'warn').mockImplementation(() => {})

  return {
    posts,
    collector,
    records: (): ViewRecord[] => posts.flatMap(({ records }) => records),
    /** Let the store and the collector answer. */
    settle,
    /** Time passes, and with it timers run. */
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 250) {
        await vi.advanceTimersByTimeAsync(Math.min(left, 250))
        await settle()
      }
    },
    show(visibility: DocumentVisibilityState): void {
      setPage(visibility)
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    },
    input: (): void => void window.dispatchEvent(trusted(new Event('keydown'), { timeStamp: performance.now() })),
    close(): void {
      vi.unstubAllGlobals()
      vi.restoreAllMocks()
      vi.useRealTimers()
    },
  }
}

export type OpenPage = ReturnType<typeof openPage>

/** As many turns of the event loop as a few transactions need; no time passes on the page's clock. */
async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve))
}
