/** A metric as people and machines read about it: one place for its name, type, labels and sentence. */
export interface MetricNote {
  type: 'Counter' | 'Histogram' | 'Gauge'
  help: string
  labels: readonly string[]
}

/** What happens to sessions and pages; saved by the store, but for the quality. */
export const SESSION_METRICS = {
  session_start_total: {
    type: 'Counter',
    help: 'Total number of session start events tracked',
    labels: ['component_name', 'shell_type'],
  },
  session_end_total: {
    type: 'Counter',
    help: 'Total number of session end events tracked',
    labels: ['component_name', 'status'],
  },
  session_duration_seconds: { type: 'Histogram', help: 'Session duration in seconds', labels: ['component_name'] },
  session_duration_seconds_total: {
    type: 'Counter',
    help: 'Total time with a page open in seconds, growing while sessions go on',
    labels: ['component_name'],
  },
  active_sessions: { type: 'Gauge', help: 'Number of currently active sessions', labels: ['component_name'] },
  session_quality_score: { type: 'Gauge', help: 'Session quality score (0-100)', labels: ['component_name'] },
  session_amended_total: {
    type: 'Counter',
    help: 'Total number of late changes to sessions that had ended',
    labels: ['component_name'],
  },
  page_visible_seconds: {
    type: 'Histogram',
    help: 'Time that a page was visible in one view, in seconds',
    labels: ['component_name', 'page_group'],
  },
  page_engaged_seconds: {
    type: 'Histogram',
    help: 'Time that somebody was engaged with a page in one view, in seconds',
    labels: ['component_name', 'page_group'],
  },
} as const satisfies Record<string, MetricNote>

/** What becomes of events on their way to subscribers: the live stream, MCP, webhooks. */
export const EVENT_METRICS = {
  mcp_event_emit_success_total: {
    type: 'Counter',
    help: 'Total number of successful MCP event emissions',
    labels: ['component_name', 'event_type'],
  },
  mcp_event_emit_failure_total: {
    type: 'Counter',
    help: 'Total number of failed MCP event emissions',
    labels: ['component_name', 'event_type', 'error_type'],
  },
  mcp_event_emit_duration_seconds: {
    type: 'Histogram',
    help: 'MCP event emission duration in seconds',
    labels: ['component_name', 'event_type'],
  },
} as const satisfies Record<string, MetricNote>

/** About the collector itself; they start from 0 with the process, but for the series limit. */
export const HEALTH_METRICS = {
  dwelltime_records_accepted_total: {
    type: 'Counter',
    help: 'Total number of records acknowledged, duplicate and late ones included',
    labels: [],
  },
  dwelltime_records_duplicate_total: {
    type: 'Counter',
    help: 'Total number of records that were stored already',
    labels: [],
  },
  dwelltime_records_resent_total: {
    type: 'Counter',
    help: 'Total number of records that came once more by fetch after a beacon, as they should',
    labels: [],
  },
  dwelltime_records_late_total: {
    type: 'Counter',
    help: 'Total number of records that came after a newer one of the same view',
    labels: [],
  },
  dwelltime_records_rejected_total: {
    type: 'Counter',
    help: 'Total number of records refused while those beside them went on',
    labels: ['reason'],
  },
  dwelltime_bodies_rejected_total: {
    type: 'Counter',
    help: 'Total number of posts refused as a whole',
    labels: ['reason'],
  },
  dwelltime_store_append_seconds: {
    type: 'Histogram',
    help: 'Time until a batch of records was durable, in seconds',
    labels: [],
  },
  dwelltime_live_clients: { type: 'Gauge', help: 'Number of clients of the live stream', labels: [] },
  dwelltime_live_clients_dropped_total: {
    type: 'Counter',
    help: 'Total number of clients of the live stream that were too slow and dropped',
    labels: [],
  },
  dwelltime_series_limit_reached_total: {
    type: 'Counter',
    help: 'Total number of times that something was counted as other because its label had too many values',
    labels: ['label'],
  },
} as const satisfies Record<string, MetricNote>

/** Upper bounds in seconds, where no others are set. */
export const DEFAULT_BUCKETS = {
  session_duration_seconds: [60, 300, 900, 1800, 3600, 7200, 14_400, 28_800],
  page_visible_seconds: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600],
  page_engaged_seconds: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600],
  mcp_event_emit_duration_seconds: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
} as const satisfies Record<string, readonly number[]>

export type HistogramName = keyof typeof DEFAULT_BUCKETS
export type Buckets = Record<HistogramName, readonly number[]>
