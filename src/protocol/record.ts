/**
 * The wire, version 1: what travels from a page to the collector, and nothing else does.
 * Durations are integers in milliseconds on the page's monotonic clock and end in `Ms`;
 * instants are integers in milliseconds since the Unix epoch and end in `At`.
 */

/** The version that this package speaks. The collector accepts this one and the one before it. */
export const PROTOCOL_VERSION = 1

/** The longest body that the collector reads, in bytes of UTF-8. */
export const MAX_BODY_BYTES = 64 * 1024

/** The most records in one body. */
export const MAX_RECORDS = 100

/** The most spans in one record; beyond it the shortest is absorbed by its neighbour, totals stay exact. */
export const MAX_SPANS = 48

/** Longest `path`, `title` and other short texts, in UTF-16 code units. */
export const MAX_PATH = 1024
export const MAX_TITLE = 256

/** The Page Lifecycle states. `active`: visible and focused; `passive`: visible only. */
export const PAGE_STATES = ['active', 'passive', 'hidden', 'frozen'] as const
export type PageState = (typeof PAGE_STATES)[number]

/** Why this record was written. */
export const RECORD_REASONS = ['start', 'heartbeat', 'checkpoint', 'hidden', 'pagehide', 'deferred', 'end'] as const
export type RecordReason = (typeof RECORD_REASONS)[number]

/** Why a view ended. A view that goes on, or whose page was closed while hidden, has none. */
export const VIEW_END_REASONS = [
  'leave',
  'route',
  'bfcache',
  'inactivity',
  'max',
  'explicit',
  'suspended',
  'stop',
] as const
export type ViewEndReason = (typeof VIEW_END_REASONS)[number]

/** Why a session ended, as told by the tab that ended it. The collector adds `reaped`. */
export const SESSION_END_REASONS = ['inactivity', 'max', 'explicit', 'suspended'] as const
export type SessionEndReason = (typeof SESSION_END_REASONS)[number]

export const SPAN_KINDS = ['engaged', 'idle', 'unfocused', 'hidden'] as const
export type SpanKind = (typeof SPAN_KINDS)[number]

/**
 * A stretch of a view: `[kind, fromMs, toMs]`, offsets on the view's total clock.
 * A suspension takes no place on that clock: `['suspended', atMs, lengthMs]`.
 */
export type Span = [kind: SpanKind, fromMs: number, toMs: number] | [kind: 'suspended', atMs: number, lengthMs: number]

/** How the record came to be sent. */
export const SEND_METHODS = ['fetch', 'beacon', 'fetchLater'] as const
export type SendMethod = (typeof SEND_METHODS)[number]

/** Signs of a person since the view began, counted by kind; never what was typed or clicked. */
export interface ActivityCounts {
  pointer: number
  key: number
  scroll: number
  touch: number
  media: number
}

export interface Utm {
  source?: string
  medium?: string
  campaign?: string
  term?: string
  content?: string
}

/**
 * One cumulative snapshot of one view. The key is `viewId`; the highest `seq` wins;
 * the bytes of a record with a given `viewId` and `seq` never change.
 */
export interface ViewRecord {
  site: string
  /** `ScriptTag`, `NpmModule` or the host's own PascalCase word. */
  client: string
  /** 128 random bits as 32 lower-case hex digits; so is `sessionId`. */
  viewId: string
  /** From 1, growing with each record of the view. */
  seq: number
  sessionId: string
  sessionStartedAt: number
  lastActivityAt: number
  /** The session's threshold plus its buffer. */
  sessionTimeoutMs: number
  /** 0: no limit. */
  maxSessionMs: number
  /** 0: no heartbeats. */
  heartbeatMs: number
  visitorId?: string
  userId?: string
  /** Without query and fragment, but what `allowParams` and `hashRouting` ask for; token-like segments are redacted. */
  path: string
  pageGroup?: string
  title?: string
  referrerHost?: string
  utm?: Utm
  startedAt: number
  totalMs: number
  visibleMs: number
  engagedMs: number
  state: PageState
  reason: RecordReason
  spans: Span[]
  endReason?: ViewEndReason
  sessionEndReason?: SessionEndReason
  /** 0..1, the rate that let this session in; reports weight by its inverse. */
  samplingRate: number
  samplingUnit: 'session' | 'visitor'
  /** 0..1, the deepest part of the page that was on screen. */
  scrollDepth?: number
  activity?: ActivityCounts
  /** Seconds of engaged time, those that were reached. */
  thresholds?: number[]
  /** By name: total, visible, engaged, in ms. */
  timers?: Record<string, [totalMs: number, visibleMs: number, engagedMs: number]>
  /** Web Vitals by lower-case name: ms, and the unitless CLS. */
  vitals?: Record<string, number>
}

/** The body of `POST {collector}`. What delivery knows of itself is here, never in a record. */
export interface Envelope {
  v: typeof PROTOCOL_VERSION
  /** The sender's wall clock; the collector derives skew from it. */
  sentAt: number
  /** True if the browser sends this later on its own (`fetchLater`): `sentAt` says nothing of skew then. */
  deferred: boolean
  via: SendMethod
  /** From 1: how often sending has been tried since the last success. */
  attempts: number
  /** Records that this page dropped for limits or age since the last success. */
  dropped: number
  records: ViewRecord[]
}

/** What was wrong with one record; the others are stored. */
export interface RecordProblem {
  /** Position in `records`, from 0. */
  index: number
  /** `field: want …`. */
  problem: string
}

/** The answer to a body that could be read: 200. */
export interface IngestAnswer {
  /** Records that are durable now, duplicates included. */
  accepted: number
  problems: RecordProblem[]
}
