import type {
  ActivityCounts,
  PageState,
  RecordReason,
  SessionEndReason,
  ViewEndReason,
  ViewRecord,
} from '../protocol/record.ts'
import type { BreakKind, Identity, Page, PageEvents, Source, Standstill, Threshold, TrackerEvents } from './events.ts'
import { isShown, type Meter } from './meter.ts'
import type { Session, SessionRule } from './session.ts'
import { clamp, type Instant, type Millis, type Moment, max, min, seconds, type WallTime } from './time.ts'

/** Shown again after at least this long hidden, a person is there: opening a window hides a page for some 20 ms. */
const SHORT_HIDE: Millis = 1_000

/** The shared last activity is written at most this often, and 10 times per threshold where that is shorter. */
const SHARE_EVERY: Millis = 5_000

/** A gap between two looks up to this long counts; a longer one that no busy main thread explains is a suspension. */
const LONGEST_GAP: Millis = 5_000

/** The shortest stretch without engaged time that is told as a break. */
const SHORTEST_BREAK: Millis = 1_000

/** The longest time between two looks. */
const LONGEST_DELAY: Millis = 1_000

/** 5 % of the visible time, so that what a crash can cost stays in proportion. */
const shareOf = (visible: Millis, most: Millis): Millis => clamp(visible * 0.05, 250, most)

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
  idleTimeout: Millis,
  idleCredit: Millis,
  heartbeat: Millis,
  checkpoint: Millis,
  thresholds: Threshold[],
  mintId: () => string,
  identity: Identity,
  source: Source,
  record: (record: ViewRecord) => void,
  share: (session: Session) => void,
  notify: <Name extends keyof TrackerEvents>(name: Name, detail: TrackerEvents[Name]) => void,
) {
  let state: PageState = 'hidden'
  let hiddenFrom: Moment
  let page: Page | undefined
  let meter: Meter | undefined // of the view, or since the last; it knows how long the gap is
  let view: ViewRecord | undefined // its last record; before the first with `seq` 0
  let counts = {} as ActivityCounts // of the view
  let sent: ViewRecord // the last that was meant for sending
  let session: Session | undefined
  let agreed = false // the shared store has answered for this session
  let ending = false
  let sharedAt: Instant
  let isShared: boolean // the last activity, with the other tabs
  let duration: Millis // of the session
  let durationWas: Millis // when its thresholds were looked at
  let engagedWas: Millis | undefined // the view's, likewise, if that was done
  let told: string
  let now: Moment // when the event that is applied was heard of
  let isIdle = false
  let rested: Millis // of the stretch without engaged time that runs: how long it is, asleep or not
  let rest: BreakKind // what it is

  const handlers: { [Name in keyof PageEvents]: (detail: PageEvents[Name], happened: Moment) => void } = {
    look() {},

    activity(kind, { at, wall }) {
      if (!isShown(state)) return
      if (!session) begin(now)
      if (kind! in counts) counts[kind as keyof ActivityCounts]++
      // An instant in the future is taken for now.
      session!.lastActivityAt = clamp(wall, session!.lastActivityAt, now.wall)
      isShared = false
      meter!.settle(at)
      follow()
    },

    page(next, start) {
      endView('route')
      page = next
      if (session) startView(start)
      else if (!told) begin(start) // the first event of all; a route change is no activity
    },

    /**
     * The page goes away, perhaps into the back/forward cache. If it was hidden, its last record has said all.
     */
    leave(reason) {
      if (isShown(state) || !view?.seq) endView(reason, 'pagehide')
      view = page = undefined
      turn('hidden')
    },

    end: () => endSession('explicit'),
  }

  function turn(next: PageState): void {
    const wasShown = isShown(state)
    hiddenFrom ??= now // a page that opens was not hidden before
    state = next
    meter?.turn(next)
    if (wasShown === isShown(next)) return
    if (wasShown) {
      hiddenFrom = now
      write('hidden')
    } else if (now.at - hiddenFrom.at >= SHORT_HIDE) handlers.activity(undefined, now)
  }

  /** See by instant what has become of the session: it goes on, is ending, resumed from that, or over. */
  function follow(): void {
    const verdict = session && judge(session, now.wall)
    if (verdict && verdict !== 'ending') endSession(verdict)
    else if (session && ending !== !!verdict) {
      ending = !ending
      const end = endsAt(session)
      const detail = { ...session, endsAt: end, secondsLeft: Math.ceil((end - now.wall) / 1_000) }
      notify(ending ? 'session:ending' : 'session:resumed', detail)
    }
  }

  const engaged = (): Millis => (view ? meter!.engaged() : 0)

  /** Tell of the thresholds that have been passed since it was asked before. */
  function pass(): void {
    const reached = engaged()
    for (const rule of thresholds) {
      const at = seconds(rule.at!)
      const above = seconds(rule.above!)
      if ((reached >= at && !(engagedWas! >= at)) || (duration > above && durationWas <= above))
        notify('threshold', rule)
    }
    rested -= reached - (engagedWas ?? 0)
    engagedWas = reached
    durationWas = duration
  }

  /** A record is due from time to time while the page is shown. */
  function checkpoints(): void {
    if (!view?.seq || !isShown(state)) return
    const { totalMs, visibleMs, engagedMs } = meter!.read()
    const due = shareOf(visibleMs, checkpoint) - shareOf(visibleMs, LONGEST_DELAY) / 2
    if (heartbeat && totalMs - sent.totalMs >= heartbeat && engagedMs > sent.engagedMs) {
      write('heartbeat')
      notify('session:stats', view)
    } else if (visibleMs - view.visibleMs > due) write('checkpoint')
  }

  /** Tell why the engaged clock stands, when that changes, and what the break was when it runs again. */
  function tell(): void {
    const stands = standstill()
    if (told !== state + stands) notify('state', { state, stands })
    told = state + stands

    const wasIdle = isIdle
    isIdle = !!session && meter!.gap() >= idleTimeout
    if (isIdle && !wasIdle) notify('idle', session!)

    if (stands === 'hidden' && rest === 'idle') rest = stands
    if (stands) return
    if (rested >= SHORTEST_BREAK) notify('break', { kind: rest, lengthMs: rested })
    restart()
  }

  /** A stretch without engaged time begins here at the earliest. */
  function restart(): void {
    rested = 0
    rest = 'idle'
  }

  function shareActivity(): void {
    sharedAt = now.at
    isShared = true
    share(session!)
  }

  /** A new session, and on a tracked page a view. It is a candidate until the shared store has answered. */
  function begin(start: Moment): void {
    session = { id: mintId(), startedAt: start.wall, lastActivityAt: start.wall, ...source }
    source = {}
    agreed = ending = false
    duration = durationWas = 0
    restart()
    startView(start)
    shareActivity()
  }

  function startView(start: Moment): void {
    meter = startMeter(start, state, meter?.gap())
    if (!page) return
    view = { viewId: mintId(), seq: 0, visibleMs: 0, ...page } as ViewRecord
    counts = { pointer: 0, key: 0, scroll: 0, touch: 0, media: 0 }
    engagedWas = undefined
    notify('view:start', view)
    if (agreed) write('start')
  }

  function endSession(reason: SessionEndReason): void {
    if (!session) return
    // Of inactivity each tab judges by itself: another may know of a later activity.
    if (reason !== 'inactivity' && !session.ended) share({ ...session, ended: reason })
    const endedAt = meter!.cut(isShown(state) && reason === 'inactivity' ? session.lastActivityAt : undefined)
    duration = max(session.lastActivityAt, isShown(state) ? endedAt : hiddenFrom.wall) - session.startedAt
    const gone = { ...session, reason, durationMs: duration }
    endView(reason, 'end', reason)
    session = undefined
    notify('session:end', gone)
    for (const rule of thresholds) if (duration < seconds(rule.below!)) notify('threshold', rule)
  }

  function endView(endReason: ViewEndReason, reason: RecordReason = 'end', sessionEndReason?: SessionEndReason): void {
    pass()
    if (!view) return
    write(reason, endReason, sessionEndReason)
    const ended = view
    view = undefined
    notify('view:end', ended)
  }

  /** A record of the view as it is counted now. It keeps the session of its first one. */
  function write(reason: RecordReason, endReason?: ViewEndReason, sessionEndReason?: SessionEndReason): void {
    if (!view) return
    // A view ends before its session.
    const { id, startedAt, lastActivityAt, referrerHost, utm } = session!
    const clocks = meter!.read()
    view = {
      ...{ sessionId: id, sessionStartedAt: startedAt, referrerHost, utm },
      ...view,
      ...identity,
      ...page,
      ...clocks,
      lastActivityAt,
      activity: { ...counts },
      thresholds: thresholds.flatMap(({ at }) => (clocks.engagedMs / 1_000 >= at! ? at! : [])),
      seq: view.seq + 1,
      reason,
      endReason,
      sessionEndReason,
    }
    if (reason !== 'checkpoint') sent = view
    record(view)
  }

  function standstill(): Standstill | null {
    if (!session) return 'ended'
    if (!view) return 'untracked'
    if (!isShown(state)) return 'hidden'
    if (state === 'passive') return 'unfocused'
    return meter!.gap() < idleCredit ? null : 'idle'
  }

  return {
    /**
     * Apply an event that was heard of at `heard`, with the page in `next`, and that happened at `at`, if not then.
     * `busy`: how long the main thread is known to have been at work since the event before.
     */
    step<Name extends keyof PageEvents>(
      name: Name,
      detail: PageEvents[Name],
      next: PageState,
      heard: Moment,
      busy: Millis,
      at: Instant = heard.at,
    ): void {
      const last = now ?? heard
      now = heard
      const passed = now.at - last.at
      const stood = now.wall - last.wall - passed
      // The monotonic clock stood still: what it has advanced is real, and counts.
      const asleep = stood > LONGEST_GAP ? stood : 0
      // It ran on, and no event came although the timer was set: the process was stopped.
      const stopped = !asleep && isShown(state) && passed - busy > LONGEST_GAP ? passed : 0
      const suspended = asleep + stopped
      const isOver = suspended > threshold && isShown(next) && session && judge(session, now.wall)
      rested += passed + asleep
      meter?.count(isOver || stopped ? last : now)
      if (!view) restart()
      if (isOver) {
        endSession('suspended')
        begin(now)
      } else if (suspended) {
        meter?.suspend(now, suspended)
        rest = 'suspended'
      }
      if (isShown(state) || isShown(next)) {
        follow()
        if (session) duration = now.wall - session.startedAt
      }
      // What is heard as the page is hidden was before that.
      if (isShown(next)) turn(next)
      at = min(Math.round(at), now.at)
      handlers[name](detail, { at, wall: now.wall - now.at + at })
      if (!isShown(next)) turn(next)
      pass()
      checkpoints()
      tell()
      if (session && !isShared && isShown(state) && now.at - sharedAt >= min(SHARE_EVERY, threshold / 10))
        shareActivity()
    },

    /** What the atomic update answered to `asked`: that session, maybe with a later activity, or another that goes on. */
    adopt(asked: string, shared: Session): void {
      if (session?.id !== asked) return
      // Ours is over if another tab has a new one: the next event says so, and an activity brings a view in that.
      const lastActivityAt = max(shared.lastActivityAt, isShared ? 0 : session.lastActivityAt)
      session = agreed && shared.id !== asked ? { ...session, ended: 'inactivity' } : { ...shared, lastActivityAt }
      durationWas = max(durationWas, lastActivityAt - shared.startedAt)
      if (agreed) return
      agreed = true
      if (shared.id === asked) notify('session:start', shared)
      if (!view?.seq) write('start')
    },

    /**
     * The session of a shown page, if it seems to be ending or over, or the page was hidden till now: another tab may
     * know better, so ask the store before stepping on.
     */
    doubt: (now: WallTime): Session | false | undefined =>
      session && (!!judge(session, now) || !isShown(state)) && session,

    /** How long until the next look is wanted; none while nothing is shown or nothing runs. */
    nextLook: (): Millis | false => !!session && isShown(state) && shareOf(view?.visibleMs ?? 0, LONGEST_DELAY),

    /** As of the last event. */
    read: () => ({
      totalMs: 0,
      visibleMs: 0,
      engagedMs: 0,
      ...(view && meter!.read()),
      state,
      stands: standstill(),
      sessionId: session?.id,
      sessionEndsAt: session && endsAt(session),
      viewId: view?.viewId,
      path: view?.path,
    }),
  }
}
