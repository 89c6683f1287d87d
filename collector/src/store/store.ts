import type { ViewRecord } from 'dwelltime/protocol'
import type { Session } from '../sessions/session.ts'

/** A record, and what receiving it added. */
export interface ReceivedView {
  record: ViewRecord
  /** By the collector's clock. */
  receivedAt: number
  /** Receipt minus the sender's clock; null where the envelope could not tell (`deferred`). */
  skewMs: number | null
}

/** What a record turned out to be. `conflict`: its view began in another session. */
export type Outcome = 'stored' | 'duplicate' | 'late' | 'conflict'

/** A session as the keeper leaves it: how it stands, and what deciding its end needs. */
export interface KeptSession extends Session {
  componentName: string
  /** Until then its visitor may still be there, by what was heard so far; the grace comes on top. */
  aliveUntil: number
  heartbeatMs: number
}

/** A session whose views changed since the keeper last looked. */
export interface ChangedSession {
  position: number
  views: ReceivedView[]
  /** As it was kept before; undefined when it is new. */
  kept: Pick<KeptSession, 'site' | 'componentName' | 'status'> | undefined
}

/** An amount added to one saved counter. */
export interface Count {
  name: string
  labels: Record<string, string>
  value: number
}

/** What the keeper made of one change; its counts are saved with it or not at all. */
export interface Keeping {
  position: number
  session: KeptSession
  counts: Count[]
}

/** The same question in the dialect of every store. */
export interface Question {
  sqlite: string
}

export type Parameters = Record<string, string | number | null>

/** Everything that the collector remembers. What resolves is durable. */
export interface Store {
  /** The highest `seq` of a view wins; one outcome per record, in order. All or nothing. */
  append(batch: readonly ReceivedView[]): Promise<Outcome[]>

  /** The position of the newest change, 0 if there is none. */
  lastChange(): Promise<number>
  /** The oldest changes up to a position. */
  changedSessions(upTo: number, limit: number): Promise<ChangedSession[]>
  /** Marks open sessions as changed from which nobody can be heard any more; answers the positions of these marks. */
  markQuiet(now: number, graceMs: number, limit: number): Promise<number[]>
  /** Saves what is still unchanged since it was read, counts included; leaves the rest for the next look. */
  keep(keepings: readonly Keeping[]): Promise<void>

  counters(): Promise<Count[]>
  read<Row>(question: Question, parameters: Parameters): Promise<Row[]>
  close(): void
}
