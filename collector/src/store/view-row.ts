import type { SendMethod, ViewRecord } from 'dwelltime/protocol'
import type { DeviceClass } from '../ingest/user-agent.ts'
import { bucketOf } from '../log-buckets.ts'
import { clockCorrectionMs } from '../sessions/clock-correction.ts'
import type { ReceivedView } from './store.ts'

/** The columns that a view is read from; the others repeat parts of the record for the questions asked of it. */
export interface ViewRow {
  record: string
  received_at: number
  skew_ms: number | null
  via: string
  device: string
  is_bot: number
}

/** These columns, as a list for SELECT. */
export const VIEW_COLUMNS = `record, views.received_at AS received_at, views.skew_ms AS skew_ms, views.via AS via,
  views.device AS device, views.is_bot AS is_bot`

export const viewRow = ({ record, receivedAt, skewMs, via, device, isBot }: ReceivedView) => ({
  viewId: record.viewId,
  seq: record.seq,
  sessionId: record.sessionId,
  site: record.site,
  path: record.path,
  startedAt: record.startedAt,
  beganAt: record.startedAt + clockCorrectionMs(skewMs),
  weight: 1 / record.samplingRate,
  totalMs: record.totalMs,
  visibleMs: record.visibleMs,
  engagedMs: record.engagedMs,
  visibleBucket: bucketOf(record.visibleMs),
  engagedBucket: bucketOf(record.engagedMs),
  pageGroup: record.pageGroup ?? '',
  referrer: record.referrerHost ?? '',
  campaign: record.utm?.campaign ?? '',
  threshold: Math.max(0, ...(record.thresholds ?? [])),
  timers: record.timers ? JSON.stringify(record.timers) : '',
  receivedAt,
  skewMs,
  via,
  device,
  isBot: Number(isBot),
  record: JSON.stringify(record),
})

export const receivedView = (row: ViewRow): ReceivedView => ({
  record: JSON.parse(row.record) as ViewRecord,
  receivedAt: row.received_at,
  skewMs: row.skew_ms,
  via: (row.via || 'fetch') as SendMethod, // unknown of what an earlier version stored
  device: row.device as DeviceClass,
  isBot: row.is_bot === 1,
})
