import type { ActivityCounts, PageState, SessionEndReason, Utm, ViewEndReason, ViewRecord } from '../protocol/record.ts'
import type { Session } from './session.ts'
import type { Millis, WallTime } from './time.ts'

/** What a view takes from its page when it starts, and keeps. */
export type Page = Pick<ViewRecord, 'path' | 'title' | 'pageGroup'>

/** Where a visitor came from, told by the page with which a session starts. */
export interface Source {
  referrerHost?: string
  utm?: Utm
}

/** What every record of this page carries, whatever the view. */
export type Identity = Pick<
  ViewRecord,
  | 'site'
  | 'client'
  | 'sessionTimeoutMs'
  | 'maxSessionMs'
  | 'heartbeatMs'
  | 'visitorId'
  | 'userId'
  | 'samplingRate'
  | 'samplingUnit'
>

/** A duration to be told of, in seconds: `at` engaged time of a view; a session longer than `above`, or ended `below`. */
export interface Threshold {
  at?: number
  above?: number
  below?: number
  name?: string
}

/** What happens to a page, by name, with what there is to know of it. Every event brings the page's state along. */
export interface PageEvents {
  /** Nothing more than that: time to count, and to see whether a record is due or the session over. */
  look: undefined
  /** Someone is there: by what kind of sign. That the focus has entered a frame is not counted. */
  activity: keyof ActivityCounts | 'frame' | undefined
  /** The page's first view, a route change, or a restored page; none where no views are wanted. */
  page: Page | undefined
  leave: ViewEndReason
  end: undefined
}

/** Why the engaged clock stands still. */
export type Standstill = 'hidden' | 'unfocused' | 'idle' | 'untracked' | 'ended'

/** What a stretch without engaged time was: the strongest of what was in it, the weakest first. */
export type BreakKind = 'idle' | 'hidden' | 'suspended'

export interface TrackerEvents {
  'session:start': Session
  /** With every record that is sent while engaged time runs: the record. */
  'session:stats': ViewRecord
  'session:ending': Session & { endsAt: WallTime; secondsLeft: number }
  'session:resumed': Session & { endsAt: WallTime; secondsLeft: number }
  'session:end': Session & { reason: SessionEndReason; durationMs: Millis }
  'view:start': { viewId: string } & Page
  /** The view's last record. */
  'view:end': ViewRecord
  threshold: Threshold
  /** Nobody has done anything for `idleTimeout`. */
  idle: Session
  /** Engaged time runs again, after at least 1 s without. */
  break: { kind: BreakKind; lengthMs: Millis }
  state: { state: PageState; stands: Standstill | null }
}
