import type { SendMethod, ViewRecord } from 'dwelltime/protocol'
import type { Sender } from '../ingest/user-agent.ts'
import type { Keeper } from '../sessions/keeper.ts'
import type { Session } from '../sessions/session.ts'

/** A record, and what receiving it added. */
export interface ReceivedView extends Sender {
  record: ViewRecord
  /** By the collector's clock. */
  receivedAt: number
  /** Receipt minus the sender's clock; null where the envelope could not tell (`deferred`). */
  skewMs: number | null
  via: SendMethod
}

/**
 * What a record turned out to be. `resent`: a duplicate by design, by `fetch` after a beacon; `conflict`: its view
 * began in another session; `deleted`: it is about a user who was deleted.
 */
export type Outcome = 'stored' | 'duplicate' | 'resent' | 'late' | 'conflict' | 'deleted'

/** A session as the keeper leaves it: how it stands, and what deciding its end needs. */
export interface KeptSession extends Session {
  componentName: string
  /** Until then its visitor may still be there, by what was heard so far; the grace comes on top. */
  aliveUntil: number
  heartbeatMs: number
  /** How much of its time with a page open the counter has; it never shrinks. */
  countedMs: number
  /** Short ids of the views that were counted as over; empty when the session is. */
  countedViews: string[]
}

/** What the keeper has to know of a session as it was kept before. */
export type KeptBefore = Pick<
  KeptSession,
  | 'site'
  | 'componentName'
  | 'status'
  | 'countedMs'
  | 'countedViews'
  | 'durationMs'
  | 'totalMs'
  | 'visibleMs'
  | 'engagedMs'
>

/** A session whose views changed since the keeper last looked. */
export interface ChangedSession {
  position: number
  views: ReceivedView[]
  /** As it was kept before; undefined when it is new. */
  kept: KeptBefore | undefined
  /** Nothing happened to it: a newer version of the collector wants to know more of it. */
  isRemeasure: boolean
}

/** An amount added to one saved counter. */
export interface Count {
  name: string
  labels: Record<string, string>
  value: number
}

/** What the keeper made of one change; its counts and facts are saved with it or not at all. */
export interface Keeping {
  position: number
  session: KeptSession
  counts: readonly Count[]
  facts: readonly Fact[]
}

/** Something that happens once, known by its id: an alert to be delivered, a session of another component. */
export interface Fact {
  id: string
  kind: 'alert' | 'component'
  /** When it happened, in ms since the epoch. */
  at: number
  /** Whom it is about, so that it can be deleted with them; empty: nobody. */
  sessionId: string
  person: string
  /** JSON. */
  body: string
}

/** What became of records in one UTC quarter of an hour. */
export interface IntakeCount {
  quarterAt: number
  site: string
  name: string
  amount: number
}

/** A well-formed record that cannot be true, and why. */
export interface SetAside {
  receivedAt: number
  site: string
  reason: string
  record: ViewRecord
}

export interface Intake {
  counts: readonly IntakeCount[]
  aside: readonly SetAside[]
}

/** What the views or sessions that began in one stretch of time say together. */
export interface Rollup {
  shelf: Shelf
  level: Level
  at: number
  site: string
  /** Empty where a level does not tell them apart; so are the next two, and bots are 0. */
  path: string
  pageGroup: string
  device: string
  isBot: number
  /** JSON. */
  tally: string
}

/** What roll-ups tell apart, beside sites: devices and bots, pages, or both. The fewer, the sooner they are read. */
export type Level = 'site' | 'device' | 'page' | 'page-device'

/** What is asked together stands together: of views themselves and by path, of sessions themselves and by three things. */
export type Shelf = 'view' | 'path' | 'session' | 'campaign' | 'referrer' | 'door'

/** Everything that began in these stretches of one length; all before them is rolled up. */
export interface Rollups {
  spanMs: number
  from: number
  upTo: number
  rows: readonly Rollup[]
}

/** A day that may still change and was rolled up, by its beginning. */
export interface FreshDay {
  day: number
  /** Under what its roll-ups stand apart from all others, of whole days only; undefined: among them. */
  generation?: string
}

/** What is rolled up of a day that may still change. */
export type FreshRollups = readonly Pick<Rollups, 'spanMs' | 'rows'>[]

/** Roll-ups of days that may still change: one holds until something changes it. */
export interface FreshDays {
  /** Those that hold. */
  list(): Promise<FreshDay[]>
  /** The same, none before the first that may change; what a store knows for some time only it knows anew then. */
  renew(first: number): Promise<FreshDay[]>
  /** From now on a change of the day is noticed. */
  begin(day: number): Promise<void>
  /** False: the day has changed since it was begun, and nothing was saved. */
  save(day: number, tiers: FreshRollups): Promise<boolean>
}

/** The oldest that is kept: of sessions and their views by their beginning, of what was set aside by its receipt. */
export interface Limits {
  sessionsFrom: number
  asideFrom: number
  intakeFrom: number
  tombstonesFrom: number
  /** Of closed facts, by when they happened. */
  factsFrom: number
}

/** The same question in the dialect of every store. */
export interface Question {
  sqlite: string
  clickhouse: string
}

export type Parameters = Record<string, string | number | null>

/** A keeper that lives where the store does: what it reads and saves goes nowhere else. */
export interface StoreKeeper {
  /** `settle` of sessions/keeper.ts, by this keeper. */
  settle(quiet: readonly number[]): Promise<void>
  /** Who is told of what became durable. */
  tell(onKept: NonNullable<Keeper['onKept']>): void
}

/** Everything that the collector remembers. What resolves is durable. */
export interface Store {
  /** The highest `seq` of a view wins; one outcome per record, in order. All or nothing. */
  append(batch: readonly ReceivedView[]): Promise<Outcome[]>
  /** Adds to what is known of reception. */
  noteIntake(intake: Intake): Promise<void>

  /** Undefined: whoever keeps does so with the next methods. */
  keeper?: StoreKeeper
  /** The position of the newest change, 0 if there is none. */
  lastChange(): Promise<number>
  /** The oldest changes up to a position. */
  changedSessions(upTo: number, limit: number): Promise<ChangedSession[]>
  /** Marks open sessions as changed from which nobody can be heard any more; answers the positions of these marks. */
  markQuiet(now: number, graceMs: number, limit: number): Promise<number[]>
  /**
   * Saves what is still unchanged since it was read, counts and facts included, and answers the positions of that; leaves
   * the rest for the next look. Undefined: another process is the keeper now, and nothing was saved.
   */
  keep(keepings: readonly Keeping[]): Promise<number[] | undefined>
  /** All of them, or those of these names. */
  counters(names?: readonly string[]): Promise<Count[]>
  /** Takes the keeper's place or stays in it, for some seconds; false while another process has it. */
  holdLease(): Promise<boolean>
  /** Whether this process has it. */
  isKeeper(): boolean

  /** Saves a fact that is not known yet, with its counts; answers whether it was. Throws if another process keeps. */
  addFact(fact: Fact, counts?: readonly Count[]): Promise<boolean>
  /** The oldest facts that are not closed. */
  openFacts(kind: Fact['kind'], limit: number): Promise<Fact[]>
  fact(id: string): Promise<Fact | undefined>
  /** Closes an open fact, with its counts; answers whether it was open. It stays known until it is pruned. */
  closeFact(id: string, counts?: readonly Count[]): Promise<boolean>

  /** Up to when everything was rolled up, by the length of the stretches; nothing of a length before the first time. */
  rolledUpTo(): Promise<ReadonlyMap<number, number>>
  /** Saves them once: a second time changes nothing. `upTo` is noted last, so that what was broken off is begun anew. */
  saveRollups(rollups: Rollups): Promise<void>
  freshDays: FreshDays
  /** Deletes at most `portion` sessions with their views, and whatever else is beyond the limits; answers how many. */
  prune(limits: Limits, portion: number): Promise<number>
  /** How many sessions it can delete at once without holding up anybody. */
  portion: number
  /** Deletes the sessions that told this user or visitor id; what comes late of them is not taken any more. */
  deleteUser(id: string, now: number): Promise<{ sessions: number; views: number }>

  read<Row>(question: Question, parameters: Parameters): Promise<Row[]>
  /** Rejects if nothing could be stored now. */
  check(): Promise<void>
  close(): Promise<void>
}
