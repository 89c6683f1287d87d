/** What happened, as subscribers of the live stream know it. */
export type LiveEventName = 'session.on_join' | 'session.on_stats' | 'session.on_leave'

/** Whose session it is. The names are those of the original. */
export interface LiveSession {
  /** The user id, else the visitor id, else empty. */
  authid: string
  authrole: 'user' | 'anonymous'
  /** The site. */
  realm: string
  session: string
}

/** What came of a session since its previous publication; those of one session add up to its report. */
export interface LiveStats {
  /** Of the records that came, as JSON in UTF-8. */
  bytes: number
  /** From 1. */
  cycle: number
  /** By how much the session became longer, in nanoseconds as in the original. */
  duration: number
  durationMs: number
  /** Published because the session began; because it ended. */
  first: boolean
  last: boolean
  /** Records received and answered. */
  messages: number
  /** Each counts for as many as its bytes fill, of the size that was set. */
  rated_messages: number
  serializer: 'json'
  /** When this was published: nanoseconds since the epoch as in the original. */
  timestamp: number
  timestampMs: number
  totalMs: number
  visibleMs: number
  engagedMs: number
}

export interface LiveEvent {
  name: LiveEventName
  /** As it is counted under; not sent. */
  componentName: string
  session: LiveSession
  stats?: LiveStats
}
