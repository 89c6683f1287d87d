import type { ReceivedView } from '../store/store.ts'

/** What came of a session since it was last taken. */
export interface Traffic {
  messages: number
  bytes: number
  ratedMessages: number
}

/** The most sessions that are remembered at once; of those beyond it messages are not counted. */
const MAX_SESSIONS = 100_000

/** Counts the records of sessions whose site wants figures, as this process receives them. */
export function createTraffic(ratedSizeOf: (site: string) => number | undefined) {
  const bySession = new Map<string, Traffic>()

  return {
    note(views: readonly ReceivedView[]): void {
      for (const { record } of views) {
        const ratedSize = ratedSizeOf(record.site)
        if (ratedSize === undefined) continue
        const known = bySession.get(record.sessionId)
        if (!known && bySession.size >= MAX_SESSIONS) continue
        const traffic = known ?? { messages: 0, bytes: 0, ratedMessages: 0 }
        const bytes = Buffer.byteLength(JSON.stringify(record))
        traffic.messages += 1
        traffic.bytes += bytes
        traffic.ratedMessages += Math.ceil(bytes / ratedSize)
        bySession.set(record.sessionId, traffic)
      }
    },
    of: (sessionId: string): Traffic => bySession.get(sessionId) ?? { messages: 0, bytes: 0, ratedMessages: 0 },
    forget: (sessionId: string) => void bySession.delete(sessionId),
  }
}
