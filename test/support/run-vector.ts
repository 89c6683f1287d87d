import type { Session } from '../../src/core/session.ts'
import { type Instant, type Millis, type Moment, minutes, seconds, type WallTime } from '../../src/core/time.ts'
import type { ThresholdRule } from '../../src/options.ts'
import type { PageState, Span, ViewRecord } from '../../src/protocol/record.ts'
import { EPOCH } from './replay.ts'
import { openTab, type Shared, type Tab } from './tab.ts'

/** A script of events and what it comes to, as `test/vectors/README.md` defines them. */
export interface Vector {
  name: string
  options?: Record<string, never>
  store?: { startedAt: number; lastActivityAt: number }
  events: VectorEvent[]
  expect: Expectation
}

type SeenState = PageState | 'prerendering'

interface VectorEvent {
  at: Instant
  event: string
  tab?: string
  wall?: Millis
  stopped?: boolean
  busy?: Millis
  state?: SeenState
  path?: string
  tracked?: boolean
  since?: Instant
  past?: [at: Instant, visibility: 'visible' | 'hidden'][]
  kind?: string
  happenedAt?: Instant
  playing?: boolean
  muted?: boolean
  loop?: boolean
  open?: boolean
}

type Facts = Record<string, unknown>

interface Expectation {
  views?: Facts[]
  sessions?: Facts[]
  events?: Facts[]
  never?: string[]
}

/** The one whose events a vector expects, and that of an event which names none. */
const FIRST_TAB = 'a'

/** Kinds that the wire counts; any other activity has none. */
const COUNTED = ['pointer', 'key', 'scroll', 'touch', 'media']

const STATES = ['active', 'passive', 'hidden', 'frozen']

/** A tracker takes these after the next core change; until then it leaves what it does not know alone. */
type Step = (name: string, detail: unknown, next: PageState, now: Moment, busyMs: Millis, at: Instant) => void

interface Told extends Facts {
  tab: string
  event: string
}

/**
 * What a vector comes to in our core. `lookEvery`: how often a visible page is looked at; as often as it asks for
 * unless told.
 */
export function runVector({ options = {}, store, events }: Vector, lookEvery?: Millis): Required<Expectation> {
  const shared: Shared = {}
  if (store)
    shared.session = {
      id: 'in the store',
      startedAt: EPOCH + store.startedAt,
      lastActivityAt: EPOCH + store.lastActivityAt,
    }
  const told: Told[] = []
  const sessions = new Map<string, Facts>()
  let ahead: Millis = 0

  const moment = (at: Instant): Moment => ({ at, wall: EPOCH + at + ahead })

  const tabs = new Map<string, ReturnType<typeof createPage>>()

  /** A page as the edge sees it: what the tracker is told of it, and the one timer. */
  function createPage(name: string) {
    const tab: Tab = openTab({ shared, answers: false, ...settingsOf(options) })
    let seen: SeenState = 'hidden'
    let path = '/'
    let isPlaying = false
    let hasPip = false
    let isGone = true // until it opens
    let heard = 0
    let lookAt: Instant | undefined

    /** Attended is active, whoever has the focus. */
    const state = (): PageState =>
      seen === 'prerendering' ? 'hidden' : seen === 'passive' && (isPlaying || hasPip) ? 'active' : seen

    function answer({ wall }: Moment): void {
      for (let mine = tab.waiting.shift(); mine; mine = tab.waiting.shift()) {
        shared.session = tab.rule.agree(shared.session, mine, wall)
        tab.tracker.adopt(mine.id, shared.session)
      }
    }

    /** One event as `start.ts` tells it: where other tabs may know better, the store is asked first. */
    function tell(what: string, detail: unknown, now: Moment, happenedAt = now.at, busy = 0): void {
      const next = state()
      const doubted = what !== 'leave' && next !== 'hidden' && tab.tracker.doubt(now.wall)
      if (doubted) {
        tab.waiting.push(doubted)
        answer(now)
      }
      const step = tab.tracker.step as Step
      step(what, detail, next, now, busy, happenedAt)
      answer(now)
      hear()
      const { sessionId } = tab.tracker.read()
      if (sessionId && sessionId === shared.session?.id) note(shared.session)
      const delay = tab.tracker.nextLook()
      lookAt = delay ? (lookAt ?? now.at + (lookEvery ?? Math.ceil(delay))) : undefined
    }

    function hear(): void {
      for (const { name: event, detail } of tab.told.slice(heard)) {
        told.push({ tab: name, event, ...(detail as object) })
        if (event === 'session:start') note(detail)
        if (event !== 'session:end') continue
        note(detail)
        sessions.get(detail.id)!.reason ??= detail.reason
      }
      heard = tab.told.length
    }

    /** While media plays each look is an activity. */
    const look = (now: Moment, busy?: Millis) =>
      isPlaying ? tell('activity', 'media', now, now.at, busy) : tell('look', undefined, now, now.at, busy)

    const pageAt = (where: string | undefined, tracked = true) => (tracked ? { path: where } : undefined)

    /** What the `visibility-state` entries tell of the time before the script: visible counts as attended. */
    function begin({ since, past, tracked }: VectorEvent, now: Moment): void {
      isGone = false
      const opened = seen
      for (const [i, [at, visibility]] of (past ?? []).entries()) {
        seen = visibility === 'visible' ? 'active' : 'hidden'
        if (i === 0) tell('page', pageAt(path, tracked), moment(at))
        else tell('look', undefined, moment(at), at, at)
      }
      seen = opened
      if (past) tell('look', undefined, now, now.at, now.at)
      else tell('page', pageAt(path, tracked), now, since)
    }

    const handlers: Record<string, (event: VectorEvent, now: Moment) => void> = {
      open(event, now) {
        path = event.path ?? path
        seen = event.state!
        if (seen !== 'prerendering') begin(event, now)
      },
      activate(event, now) {
        seen = event.state!
        begin(event, now)
      },
      look: ({ busy }, now) => look(now, busy),
      activity({ kind, happenedAt, busy }, now) {
        tell('activity', COUNTED.includes(kind!) ? kind : undefined, now, happenedAt, busy)
      },
      media({ playing, muted, loop, busy }, now) {
        if (isPlaying) look(now, busy)
        isPlaying = !!playing && !(muted && loop)
        look(now, busy)
      },
      pip({ open, busy }, now) {
        hasPip = !!open
        look(now, busy)
      },
      route(event, now) {
        path = event.path ?? path
        tell('page', pageAt(path, event.tracked), now)
      },
      leave: (_, now) => leave('leave', now),
      stop: (_, now) => leave('stop', now),
      bfcache(_, now) {
        leave('bfcache', now)
        seen = 'hidden'
      },
      restored(event, now) {
        isGone = false
        seen = event.state!
        tell('page', pageAt(path), now)
      },
      end: (_, now) => tell('end', undefined, now),
    }

    function leave(reason: string, now: Moment): void {
      if (!isGone) tell('leave', reason, now)
      isGone = true
    }

    return {
      tab,
      lookAt: () => lookAt ?? Infinity,
      look(at: Instant) {
        lookAt = undefined
        look(moment(at))
      },
      /** Timers that should have run while the process did not. */
      skipTo(at: Instant) {
        if (lookAt !== undefined && lookAt < at) lookAt = at
      },
      play(event: VectorEvent) {
        const isState = STATES.includes(event.event)
        if (isState) seen = event.event as PageState
        handlers[isState ? 'look' : event.event]!(event, moment(event.at))
      },
      finish(at: Instant) {
        if (!isGone) look(moment(at))
      },
    }
  }

  function note({ id, startedAt }: Session): void {
    if (!sessions.has(id)) sessions.set(id, { id, startedAt: startedAt - EPOCH, endedAt: null, reason: null })
  }

  /** All the looks that are due before `at`, in the order in which the tabs have them. */
  function watch(at: Instant): void {
    for (;;) {
      const next = [...tabs.values()].sort((a, b) => a.lookAt() - b.lookAt())[0]
      if (!next || next.lookAt() >= at) return
      next.look(next.lookAt())
    }
  }

  for (const event of events) {
    const { at, tab = FIRST_TAB, wall, stopped, busy } = event
    if (stopped || busy) for (const page of tabs.values()) page.skipTo(at)
    else watch(at)
    ahead = wall ?? ahead
    if (!tabs.has(tab)) tabs.set(tab, createPage(tab))
    tabs.get(tab)!.play(event)
  }
  for (const page of tabs.values()) page.finish(events.at(-1)!.at)

  const ordered = [...sessions.values()].sort((a, b) => (a.startedAt as number) - (b.startedAt as number))
  const views = told
    .filter(({ event }) => event === 'view:start')
    .map(({ tab, viewId }) => {
      const { tracker, records } = tabs.get(tab)!.tab
      const last = records.filter((record) => record.viewId === viewId).at(-1)!
      const now = tracker.read()
      return readView({ ...last, ...(now.viewId === viewId && now) }, ordered)
    })
  return { views, sessions: ordered, events: told.filter(({ tab }) => tab === FIRST_TAB).map(readEvent), never: [] }
}

/** Public options in their own units → what a tab takes, in milliseconds. */
function settingsOf({ thresholds = [], ...options }: Record<string, number> & { thresholds?: ThresholdRule[] }) {
  const { sessionExpirationThreshold = 30, bufferTimeBeforeEnd = 60, maxSessionDuration = 720 } = options
  const { idleTimeout = 30, idleCredit = 5 } = options
  return {
    threshold: minutes(sessionExpirationThreshold),
    buffer: seconds(bufferTimeBeforeEnd),
    maxDuration: minutes(maxSessionDuration),
    idleTimeout: seconds(idleTimeout),
    idleCredit: seconds(idleCredit),
    thresholds,
  }
}

function readView(record: ViewRecord, sessions: Facts[]): Facts {
  const { path, sessionId, startedAt, totalMs, visibleMs, engagedMs, spans, activity, thresholds = [] } = record
  const suspended = spans.filter(([kind]) => kind === 'suspended')
  const session = sessions.findIndex(({ id }) => id === sessionId)
  const shownTo = Math.max(0, ...spans.map(([kind, , to]) => (kind === 'hidden' || kind === 'suspended' ? 0 : to)))
  const before = suspended.filter(([, at]) => at < shownTo)
  if (visibleMs && sessions[session]) {
    const endedAt = startedAt - EPOCH + shownTo + sum(before.map(([, , length]) => length))
    sessions[session].endedAt = Math.max(Number(sessions[session].endedAt ?? endedAt), endedAt)
  }
  return {
    path,
    session,
    startedAt: startedAt - EPOCH,
    ...{ totalMs, visibleMs, engagedMs },
    suspendedMs: sum(suspended.map(([, , length]) => length)),
    spans: merge(spans.filter(([kind]) => kind !== 'suspended')),
    endReason: record.endReason ?? null,
    sessionEndReason: record.sessionEndReason ?? null,
    activity,
    thresholds,
  }
}

const sum = (lengths: Millis[]): Millis => lengths.reduce((total, length) => total + length, 0)

/** Neighbours of one kind are one span. */
function merge(spans: Span[]): Span[] {
  const merged: Span[] = []
  for (const [kind, from, to] of spans) {
    const last = merged.at(-1)
    if (last && last[0] === kind) last[2] = to
    else merged.push([kind, from, to] as Span)
  }
  return merged
}

function readEvent({ tab, endsAt, ...detail }: Told): Facts {
  return { ...detail, ...(endsAt !== undefined && { endsAt: (endsAt as WallTime) - EPOCH }) }
}
