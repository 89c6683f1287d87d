import type { ViewRecord } from '../../src/protocol/record.ts'
import { EPOCH } from './replay.ts'

/** A record that is right in every field. */
export const viewRecord = (given: Partial<ViewRecord> = {}): ViewRecord => ({
  site: 'docs',
  client: 'NpmModule',
  viewId: 'a'.repeat(32),
  seq: 1,
  sessionId: 'b'.repeat(32),
  sessionStartedAt: EPOCH,
  lastActivityAt: EPOCH,
  sessionTimeoutMs: 1_860_000,
  maxSessionMs: 0,
  heartbeatMs: 60_000,
  path: '/',
  startedAt: EPOCH,
  totalMs: 0,
  visibleMs: 0,
  engagedMs: 0,
  state: 'active',
  reason: 'start',
  spans: [],
  samplingRate: 1,
  samplingUnit: 'session',
  ...given,
})
