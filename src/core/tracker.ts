import type {
  ActivityCounts,
  PageState,
  RecordReason,
  SessionEndReason,
  ViewEndReason,
  ViewRecord,
} from '../protocol/record.ts'
import { isShown, type Meter } from './meter.ts'
import type { Session, SessionRule } from './session.ts'
import { clamp, type Instant, type Millis, type Moment, momentAt, seconds, type WallTime } from './time.ts'

/** What a view takes from its page when it starts, and keeps. */
export type Page = Pick<ViewRecord, 'path' | 'title' | 'pageGroup' | 'referrerHost'>

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

/** What happens to a page, by name, with what there is to know of it. Every event is a look at the clocks, too. */
export interface PageEvents {
  /** Time to count, and to see whether a record is due or the session over. */
  look: undefined
  state: PageState
  /** Its kind; without one it is not counted, as for `ping()`. */
  activity: keyof ActivityCounts | undefined
  /** The page's first view, a route change, or a restored page; none where no views are wanted. */
  page: Page | undefined
  leave: ViewEndReason
  end: undefined
}

/** Why the engaged clock stands still. */
export type Standstill = 'hidden' | 'unfocused' | 'idle' | 'untracked' | 'ended'

export interface TrackerEvents {
  'session:start': Session
  'session:ending': Session & { endsAt: WallTime; secondsLeft: number }
  'session:resumed': Session & { endsAt: WallTime; secondsLeft: number }
  'session:end': Session & { reason: SessionEndReason }
  'view:start': { viewId: string } & Page
  /** The view's last record. */
  'view:end': ViewRecord
  state: { state: PageState; stands: Standstill | null }
}

type View = Pick<ViewRecord, 'viewId' | 'seq' | 'startedAt'> & {
  /** Its session, from its first record on. */
  sessionId?: string
  sessionStartedAt?: WallTime
  activity: ActivityCounts
}

/** Shown again after at least this long hidden, a person is there: opening a window hides a page for some 20 ms. */
const SHORT_HIDE: Millis = seconds(1)

/** The shared last activity is written at most this often, and 10 times per threshold where that is shorter. */
const SHARE_EVERY: Millis = seconds(5)

/** How long until the next look: 5 % of the visible time, so that what a crash can cost stays in proportion. */
const lookDelay = (visible: Millis): Millis => clamp(visible * 0.05, 250, 1_000)

/**
 * One page's views and sessions as a machine of events and moments: it decides what is counted, when a record is due
 * and when a session ends. It has no clock, timer, DOM or randomness of its own.
 * `startMeter` starts the clocks of a view; `heartbeat`: between two records sent while engaged, 0 for none;
 * `checkpoint`: at most between two local records while visible; `share`: the shared session is due for an atomic
 * update, whose result comes back through `adopt`.
 */
export function createTracker(
  { judge, endsAt, threshold }: SessionRule,
  startMeter: (start: Moment, state: PageState, gap?: Millis) => Meter,
  heartbeat: Millis,
  checkpoint: Millis,
  mintId: () => string,
  identity: () => Identity,
  record: (record: ViewRecord) => void,
  share: (session: Session) => void,
  notify: <Name extends keyof TrackerEvents>(name: Name, detail: TrackerEvents[Name]) => void,
) {
  let state: PageState = 'hidden'
  let hiddenFrom: Instant = -Infinity
  let page: Page | undefined
  let view: View | undefined
  let meter: Meter | undefined
  let last: ViewRecord | undefined
  let sent: ViewRecord | undefined // the last that was meant for sending
  let session: Session | undefined
  let agreed = false // the shared store has answered for this session
  let ending = false
  let sharedAt: WallTime
  let told: string

  const handlers: { [Name in keyof PageEvents]: (now: Moment, detail: PageEvents[Name], happened: Moment) => void } = {
    look,
    state: turn,
    activity: act,
    page: enter,
    leave,
    end() {
      if (session) share({ ...session, ended: true })
      endSession('explicit')
    },
  }

  /** Apply an event that was heard of at `now` and happened at `at`. `busy`: the main thread was, since the last one. */
  function step<Name extends keyof PageEvents>(
    name: Name,
    detail: PageEvents[Name],
    now: Moment,
    at: Instant,
    busy?: boolean,
  ): void {
    meter?.count(now, busy)
    if (isShown(state)) follow(now)
    handlers[name](now, detail, momentAt(Math.min(Math.round(at), now.at), now))

    const stands = standstill()
    if (told !== (told = state + stands)) notify('state', { state, stands })
  }

  /** The session seems to be ending or over: another tab may know better, so ask the store before stepping on. */
  const isDoubtful = (now: Moment): boolean => !!session && !!judge(session, now.wall)

  /** What the atomic update answered to `asked`: that session, maybe with a later activity, or another that goes on. */
  function adopt(asked: string, shared: Session): void {
    if (session?.id !== asked) return
    session = shared
    if (shared.ended) return endSession('explicit')
    if (agreed) return
    agreed = true
    if (shared.id === asked) notify('session:start', shared)
    if (!view?.seq) write('start')
  }

  /** See by instant what has become of the session: it goes on, is ending, resumed from that, or over. */
  function follow({ wall }: Moment): void {
    const verdict = session && judge(session, wall)
    if (!session || verdict === undefined) return
    if (verdict && verdict !== 'ending') return endSession(verdict)
    if (ending === (ending = !!verdict)) return
    const end = endsAt(session)
    const detail = { ...session, endsAt: end, secondsLeft: Math.ceil((end - wall) / 1_000) }
    notify(ending ? 'session:ending' : 'session:resumed', detail)
  }

  /** A new session, and on a tracked page a view. It is a candidate until the shared store has answered. */
  function begin(start: Moment, gap: Millis): void {
    sharedAt = start.wall
    session = { id: mintId(), startedAt: sharedAt, lastActivityAt: sharedAt }
    agreed = ending = false
    startView(start, gap)
    share(session)
  }

  function startView(start: Moment, gap: Millis): void {
    if (!page) return
    view = {
      viewId: mintId(),
      seq: 0,
      startedAt: start.wall,
      activity: { pointer: 0, key: 0, scroll: 0, touch: 0, media: 0 },
    }
    meter = startMeter(start, state, gap)
    notify('view:start', { ...view, ...page })
    if (agreed) write('start')
  }

  function enter(_: Moment, next: Page | undefined, start: Moment): void {
    const gap = meter?.gap() ?? 0
    endView('route')
    page = next
    if (session) startView(start, gap)
    else begin(start, gap)
  }

  function turn(now: Moment, next: PageState): void {
    const wasShown = isShown(state)
    if (!wasShown && isShown(next)) follow(now)
    state = next
    meter?.turn(next)
    if (wasShown && !isShown(next)) {
      hiddenFrom = now.at
      write('hidden')
    } else if (!wasShown && isShown(next)) {
      if (view && !meter?.read().visibleMs) {
        // Opened in the background: the view begins now.
        view.startedAt = now.wall
        meter = startMeter(now, next)
      }
      if (!session) begin(now, 0)
      else if (now.at - hiddenFrom >= SHORT_HIDE) act(now, undefined, now)
    }
  }

  function act(now: Moment, kind: keyof ActivityCounts | undefined, happened: Moment): void {
    if (!isShown(state)) return
    if (!session) begin(happened, 0)
    const { wall } = happened
    session = { ...session!, lastActivityAt: Math.max(session!.lastActivityAt, wall) }
    meter?.settle(happened.at)
    follow(now)
    if (view && kind) view.activity[kind]++
    if (wall - sharedAt < Math.min(SHARE_EVERY, threshold / 10)) return
    sharedAt = wall
    share(session)
  }

  /** The page goes away, perhaps into the back/forward cache. If it was hidden, its last record has said all. */
  function leave(now: Moment, reason: ViewEndReason): void {
    if (isShown(state) || !view?.seq) endView(reason, 'pagehide')
    view = meter = page = undefined
    state = 'hidden'
    hiddenFrom = now.at
  }

  function endSession(reason: SessionEndReason): void {
    if (!session) return
    const gone = session
    if (!isShown(state)) meter?.cutHidden()
    else if (reason === 'inactivity') meter?.cutIdle(gone.lastActivityAt)
    endView(reason, 'end', { sessionEndReason: reason })
    session = undefined
    ending = false
    notify('session:end', { ...gone, reason })
  }

  function endView(endReason: ViewEndReason, reason: RecordReason = 'end', more?: Partial<ViewRecord>): void {
    const ended = write(reason, { endReason, ...more })
    view = meter = undefined
    if (ended) notify('view:end', ended)
  }

  function look(): void {
    if (!view?.seq || !meter || !isShown(state)) return
    const { totalMs, visibleMs, engagedMs } = meter.read()
    const due = clamp(visibleMs * 0.05, 250, checkpoint) - lookDelay(visibleMs) / 2
    if (heartbeat && totalMs - sent!.totalMs >= heartbeat && engagedMs > sent!.engagedMs) write('heartbeat')
    else if (visibleMs - last!.visibleMs > due) write('checkpoint')
  }

  /** A record of the view as it is counted now. */
  function write(reason: RecordReason, more?: Partial<ViewRecord>): ViewRecord | undefined {
    if (!view || !meter || !page || !session) return // a view ends before its session does
    view.seq++
    last = {
      ...identity(),
      sessionId: session.id,
      sessionStartedAt: session.startedAt,
      lastActivityAt: session.lastActivityAt,
      ...view,
      ...page,
      ...meter.read(),
      reason,
      activity: { ...view.activity },
      ...more,
    }
    view.sessionId = last.sessionId
    view.sessionStartedAt = last.sessionStartedAt
    if (reason !== 'checkpoint') sent = last
    record(last)
    return last
  }

  function standstill(): Standstill | null {
    if (!session) return 'ended'
    if (!meter) return 'untracked'
    if (!isShown(state)) return 'hidden'
    if (state === 'passive') return 'unfocused'
    return meter.isIdle() ? 'idle' : null
  }

  return {
    step,
    adopt,
    isDoubtful,
    session: () => session,
    /** How long until the next look is wanted; none while nothing is shown or nothing runs. */
    nextLook: (): Millis | undefined =>
      session && isShown(state) ? lookDelay(meter?.read().visibleMs ?? 0) : undefined,
    /** As of the last event. */
    read: () => ({
      state,
      stands: standstill(),
      ...(session && { sessionId: session.id, sessionEndsAt: endsAt(session) }),
      ...(view && { viewId: view.viewId, path: page!.path }),
      ...(meter?.read() ?? { totalMs: 0, visibleMs: 0, engagedMs: 0 }),
    }),
  }
}
