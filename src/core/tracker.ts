import type { PageState, RecordReason, SessionEndReason, ViewEndReason, ViewRecord } from '../protocol/record.ts'
import { isShown, type Meter } from './meter.ts'
import type { Session, SessionRule } from './session.ts'
import { clamp, type Instant, type Millis, type Moment, max, min, seconds, type WallTime } from './time.ts'

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

/** What happens to a page, by name, with what there is to know of it. Every event brings the page's state along. */
export interface PageEvents {
  /** Nothing more than that: time to count, and to see whether a record is due or the session over. */
  look: undefined
  activity: undefined
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
 * `checkpoint`: at most between two local records while visible; `identity`: what every record carries;
 * `share`: the shared session is due for an atomic update, whose result comes back through `adopt`.
 */
export function createTracker(
  { judge, endsAt, threshold }: SessionRule,
  startMeter: (start: Moment, state: PageState, gap?: Millis) => Meter,
  heartbeat: Millis,
  checkpoint: Millis,
  mintId: () => string,
  identity: Identity,
  record: (record: ViewRecord) => void,
  share: (session: Session) => void,
  notify: <Name extends keyof TrackerEvents>(name: Name, detail: TrackerEvents[Name]) => void,
) {
  let state: PageState = 'hidden'
  let hiddenFrom: Instant = 0
  let page: Page | undefined
  let meter: Meter | undefined // of the view
  let view: ViewRecord | undefined // its last record; before the first with `seq` 0
  let sent: ViewRecord // the last that was meant for sending
  let session: Session | undefined
  let agreed = false // the shared store has answered for this session
  let ending = false
  let sharedAt: WallTime
  let told: string

  const handlers: {
    [Name in keyof PageEvents]: (now: Moment, detail: PageEvents[Name], happened: Moment) => void
  } = {
    look() {
      if (!view?.seq || !isShown(state)) return
      const { totalMs, visibleMs, engagedMs } = meter!.read()
      const due = clamp(visibleMs * 0.05, 250, checkpoint) - lookDelay(visibleMs) / 2
      if (heartbeat && totalMs - sent.totalMs >= heartbeat && engagedMs > sent.engagedMs) write('heartbeat')
      else if (visibleMs - view.visibleMs > due) write('checkpoint')
    },

    activity(now, _, { at, wall }) {
      if (!isShown(state)) return
      if (!session) begin(now)
      if (!view) startView(now)
      session!.lastActivityAt = max(session!.lastActivityAt, wall)
      meter?.settle(at)
      follow(now)
      if (wall - sharedAt < min(SHARE_EVERY, threshold / 10)) return
      sharedAt = wall
      share(session!)
    },

    page(_, next, start) {
      const gap = meter?.gap()
      endView('route')
      page = next
      if (session) startView(start, gap)
      else if (!told) begin(start) // the first event of all; a route change is no activity
    },

    /** The page goes away, perhaps into the back/forward cache. If it was hidden, its last record has said all. */
    leave(now, reason) {
      if (isShown(state) || !view?.seq) endView(reason, 'pagehide')
      view = meter = page = undefined
      state = 'hidden'
      hiddenFrom = now.at
    },

    end() {
      if (session) share({ ...session, ended: true })
      endSession('explicit')
    },
  }

  function turn(now: Moment, next: PageState): void {
    const wasShown = isShown(state)
    state = next
    meter?.turn(next)
    if (wasShown === isShown(next)) return
    if (wasShown) {
      hiddenFrom = now.at
      write('hidden')
    } else if (now.at - hiddenFrom >= SHORT_HIDE) handlers.activity(now, undefined, now)
  }

  /** See by instant what has become of the session: it goes on, is ending, resumed from that, or over. */
  function follow({ wall }: Moment): void {
    const verdict = session && judge(session, wall)
    if (verdict && verdict !== 'ending') endSession(verdict)
    else if (session && ending !== !!verdict) {
      ending = !ending
      const end = endsAt(session)
      const detail = { ...session, endsAt: end, secondsLeft: Math.ceil((end - wall) / 1_000) }
      notify(ending ? 'session:ending' : 'session:resumed', detail)
    }
  }

  /** A new session, and on a tracked page a view. It is a candidate until the shared store has answered. */
  function begin(start: Moment): void {
    sharedAt = start.wall
    session = { id: mintId(), startedAt: sharedAt, lastActivityAt: sharedAt }
    agreed = ending = false
    startView(start)
    share(session)
  }

  function startView(start: Moment, gap?: Millis): void {
    if (!page) return
    meter = startMeter(start, state, gap)
    view = { viewId: mintId(), seq: 0, visibleMs: 0 } as ViewRecord
    notify('view:start', { ...view, ...page })
    if (agreed) write('start')
  }

  function endSession(reason: SessionEndReason): void {
    if (!session) return
    const gone = { ...session, reason }
    meter?.cut(isShown(state) && reason === 'inactivity' ? session.lastActivityAt : undefined)
    endView(reason, 'end', reason)
    session = undefined
    ending = false
    notify('session:end', gone)
  }

  function endView(endReason: ViewEndReason, reason: RecordReason = 'end', sessionEndReason?: SessionEndReason): void {
    if (!view) return
    write(reason, { endReason, sessionEndReason })
    const ended = view
    view = meter = undefined
    notify('view:end', ended)
  }

  /** A record of the view as it is counted now. It keeps the session of its first one. */
  function write(reason: RecordReason, ends?: Pick<ViewRecord, 'endReason' | 'sessionEndReason'>): void {
    if (!view) return
    const { id: sessionId, startedAt: sessionStartedAt, lastActivityAt } = session! // a view ends before its session
    view = {
      ...{ sessionId, sessionStartedAt },
      ...view,
      ...identity,
      ...page,
      ...meter!.read(),
      lastActivityAt,
      seq: view.seq + 1,
      reason,
      ...ends,
    }
    if (reason !== 'checkpoint') sent = view
    record(view)
  }

  function standstill(): Standstill | null {
    if (!session) return 'ended'
    if (!meter) return 'untracked'
    if (!isShown(state)) return 'hidden'
    if (state === 'passive') return 'unfocused'
    return meter.isIdle() ? 'idle' : null
  }

  return {
    /** Apply an event that was heard of at `now`, with the page in `next`, and that happened at `at`. */
    step<Name extends keyof PageEvents>(
      name: Name,
      detail: PageEvents[Name],
      next: PageState,
      now: Moment,
      at: Instant,
    ): void {
      meter?.count(now)
      if (isShown(state) || isShown(next)) follow(now)
      turn(now, next)
      at = min(Math.round(at), now.at)
      handlers[name](now, detail, { at, wall: now.wall - now.at + at })
      const stands = standstill()
      if (told !== state + stands) notify('state', { state, stands })
      told = state + stands
    },

    /** What the atomic update answered to `asked`: that session, maybe with a later activity, or another that goes on. */
    adopt(asked: string, shared: Session): void {
      if (session?.id !== asked) return
      // Ours is over, and another tab has a new one: an activity brings a view in that.
      if (agreed && shared.id !== asked) endSession('inactivity')
      session = shared
      if (shared.ended) endSession('explicit')
      else if (!agreed) {
        agreed = true
        if (shared.id === asked) notify('session:start', shared)
        if (!view?.seq) write('start')
      }
    },

    /** The session, if it seems to be ending or over: another tab may know better, so ask the store before stepping on. */
    doubt: (now: WallTime): Session | '' | undefined => session && judge(session, now) && session,

    /** How long until the next look is wanted; none while nothing is shown or nothing runs. */
    nextLook: (): Millis | false => !!session && isShown(state) && lookDelay(view?.visibleMs ?? 0),

    /** As of the last event. */
    read: () => ({
      totalMs: 0,
      visibleMs: 0,
      engagedMs: 0,
      ...meter?.read(),
      state,
      stands: standstill(),
      sessionId: session?.id,
      sessionEndsAt: session && endsAt(session),
      viewId: view?.viewId,
      path: view && page?.path,
    }),
  }
}
