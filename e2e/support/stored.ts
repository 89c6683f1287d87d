import { expect } from '@playwright/test'
import type { Collector, StoredSession, StoredView } from './collector.ts'
import { poll } from './poll.ts'
import type { ShownTime } from './shown-time.ts'

/** What the acts of a test and the clocks of a page may differ by: each hears of the other's doings a little later. */
const TOLERANCE_MS = 200

/** The views of all sessions, or of those of a site, the earliest first. */
export async function storedViews(collector: Collector, site?: string): Promise<StoredView[]> {
  const sessions = await collector.sessions(site)
  return sessions.flatMap((session) => session.views).sort((a, b) => a.startedAt - b.startedAt)
}

/** The same, once `count` of them have ended. */
export function endedViews(collector: Collector, count: number): Promise<StoredView[]> {
  return poll(async () => {
    const views = await storedViews(collector)
    return views.filter((view) => view.endReason).length >= count && views
  }, `${count} ended views`)
}

/** The only session, once the collector knows that it is over. */
export function endedSession(collector: Collector): Promise<StoredSession> {
  return poll(async () => {
    const sessions = await collector.sessions()
    expect(sessions.length).toBeLessThan(2)
    return sessions[0] && sessions[0].status !== 'open' && sessions[0]
  }, 'the end of the session')
}

/** `ms` was measured, and is to be `truth`: a number, or the range in which the acts say that it is. */
export function expectTime(ms: number, truth: number | ShownTime): void {
  const { leastMs, mostMs } = typeof truth === 'number' ? { leastMs: truth, mostMs: truth } : truth
  expect(ms).toBeGreaterThanOrEqual(leastMs - TOLERANCE_MS)
  expect(ms).toBeLessThanOrEqual(mostMs + TOLERANCE_MS)
}

export const sum = (views: StoredView[], clock: 'totalMs' | 'visibleMs' | 'engagedMs'): number =>
  views.reduce((ms, view) => ms + view[clock], 0)
