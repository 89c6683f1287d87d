import type { ViewRecord } from 'dwelltime/protocol'
import { expect } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { createCollector } from './collector.ts'
import { id, START, view } from './records.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const TODAY = { start_date: '2026-06-15', end_date: '2026-06-15' }

let numbers = 0

/** A session of one view, engaged for all its length. */
export function visit(startedAt: number, lengthMs: number, changes: Partial<ViewRecord> = {}): ViewRecord {
  numbers += 1
  return view({
    ...{ viewId: id(`a${numbers}`), sessionId: id(`5${numbers}`), sessionStartedAt: startedAt, startedAt },
    ...{ lastActivityAt: startedAt + lengthMs, totalMs: lengthMs, visibleMs: lengthMs, engagedMs: lengthMs },
    spans: [['engaged', 0, lengthMs]],
    ...changes,
  })
}

/** A collector on such a store that received these records; its clock stands a day later. */
export const collectOn =
  (open: () => Promise<{ store: Store }>) =>
  async (...records: ViewRecord[]) => {
    const { store } = await open()
    const collector = createCollector(store)
    collector.clock.now = START + DAY
    for (let at = 0; at < records.length; at += 100) {
      expect(await collector.send(records.slice(at, at + 100))).toMatchObject({ problems: [] })
    }
    return collector
  }

/** Within a percent, as everything that comes out of a histogram. */
export const about = (ms: number) => {
  const close = {
    asymmetricMatch: (value: unknown) => typeof value === 'number' && Math.abs(value - ms) <= ms * 0.0101,
  }
  return Object.assign(close, { toString: () => `about ${ms}` }) as unknown as number
}

export const exactly = (amount: number) => ({ sampled: amount, estimated: amount, margin: 0 })
