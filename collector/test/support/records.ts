import type { Envelope, ViewRecord } from 'dwelltime/protocol'
import type { ReceivedView } from '../../src/store/store.ts'

/** The instant at which the tests begin. */
export const START = Date.parse('2026-06-15T12:00:00Z')

/** A readable id: `id('a1')` is `a1` filled up to 32 hex digits. */
export const id = (digits: string): string => digits.padStart(32, '0')

/** A view of one minute, all of it engaged, whose page was left hidden. */
export const view = (changes: Partial<ViewRecord> = {}): ViewRecord => ({
  site: 'docs',
  client: 'ScriptTag',
  viewId: id('a1'),
  seq: 1,
  sessionId: id('5e'),
  sessionStartedAt: START,
  lastActivityAt: START + 60_000,
  sessionTimeoutMs: 1_860_000,
  maxSessionMs: 43_200_000,
  heartbeatMs: 60_000,
  visitorId: 'visitor-1',
  path: '/learn/algebra',
  startedAt: START,
  totalMs: 60_000,
  visibleMs: 60_000,
  engagedMs: 60_000,
  state: 'hidden',
  reason: 'hidden',
  spans: [['engaged', 0, 60_000]],
  samplingRate: 1,
  samplingUnit: 'session',
  ...changes,
})

/** The same, received a second after its last activity from a clock that was right. */
export function received(changes: Partial<ViewRecord> = {}, receipt: Partial<ReceivedView> = {}): ReceivedView {
  const record = view(changes)
  const sender = { via: 'fetch', device: 'desktop', isBot: false } as const
  return { record, receivedAt: record.lastActivityAt + 1_000, skewMs: 0, ...sender, ...receipt }
}

export const envelope = (records: unknown[], changes: Partial<Envelope> = {}) => ({
  v: 1,
  sentAt: START + 61_000,
  deferred: false,
  via: 'fetch',
  attempts: 1,
  dropped: 0,
  ...changes,
  records,
})
