import type { ViewRecord } from 'dwelltime/protocol'
import type { ReceivedView } from './store.ts'

/** The columns that a view is read from; the others repeat parts of the record for the questions asked of it. */
export interface ViewRow {
  record: string
  received_at: number
  skew_ms: number | null
}

export const viewRow = ({ record, receivedAt, skewMs }: ReceivedView) => ({
  viewId: record.viewId,
  seq: record.seq,
  sessionId: record.sessionId,
  site: record.site,
  path: record.path,
  startedAt: record.startedAt,
  totalMs: record.totalMs,
  visibleMs: record.visibleMs,
  engagedMs: record.engagedMs,
  receivedAt,
  skewMs,
  record: JSON.stringify(record),
})

export const receivedView = (row: ViewRow): ReceivedView => ({
  record: JSON.parse(row.record) as ViewRecord,
  receivedAt: row.received_at,
  skewMs: row.skew_ms,
})
