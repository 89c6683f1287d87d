import type { Identity, Page, PageEvents, Source, TrackerEvents } from '../../src/core/events.ts'
import { createMeter } from '../../src/core/meter.ts'
import { createSessionRule, type Session } from '../../src/core/session.ts'
import { type Instant, minutes, seconds, type WallTime } from '../../src/core/time.ts'
import { createTracker } from '../../src/core/tracker.ts'
import type { ThresholdRule } from '../../src/options.ts'
import type { PageState, ViewRecord } from '../../src/protocol/record.ts'
import { EPOCH, IDLE_CREDIT, IDLE_TIMEOUT, moment } from './replay.ts'

export type Happening =
  | PageState
  | 'input'
  | 'look'
  | 'end'
  | 'route'
  | 'untracked' // a route where no views are wanted
  | 'leave'
  | 'bfcache'
  | 'restored'
  | 'stopped' // since the step before: the process did not run
  | 'answer' // of the shared store, to all that was asked

export type Step = [at: Instant, what: Happening, happenedAt?: Instant]

/** What the tabs of an origin share, in memory. */
export interface Shared {
  session?: Session
}

interface Settings {
  shared?: Shared
  /** `false`: what is asked of the shared store is answered by the step 'answer' only. */
  answers?: boolean
  page?: Page | undefined
  threshold?: number
  buffer?: number
  heartbeat?: number
  checkpoint?: number
  maxDuration?: number
  idleTimeout?: number
  idleCredit?: number
  thresholds?: ThresholdRule[]
  source?: Source
  /** `false`: no copies are kept of what was written. */
  keepsCopies?: boolean
}

let tabs = 0

/** A tracker in a tab: what it is told, and everything that it gives back. */
export function openTab(settings: Settings = {}) {
  const {
    shared = {},
    answers = true,
    page = { path: '/first' },
    threshold = minutes(30),
    buffer = seconds(60),
    heartbeat = seconds(60),
    checkpoint = seconds(15),
    maxDuration = minutes(720),
    idleTimeout = IDLE_TIMEOUT,
    idleCredit = IDLE_CREDIT,
    thresholds = [],
    source = {},
    keepsCopies = true,
  } = settings
  const rule = createSessionRule(threshold, buffer, maxDuration)
  const records: ViewRecord[] = []
  /** The records as they were when they were written. */
  const copies: ViewRecord[] = []
  const told: { [Name in keyof TrackerEvents]: { name: Name; detail: TrackerEvents[Name] } }[keyof TrackerEvents][] = []
  const asked: Session[] = []
  const name = ++tabs
  /** What the shared store was asked and has not answered. */
  const waiting: Session[] = []
  let ids = 0
  let pages = 0
  let state: PageState = 'hidden'
  let at: Instant = 0

  const tracker = createTracker(
    rule,
    (start, from, gap) => createMeter(start, from, idleTimeout, idleCredit, gap),
    idleTimeout,
    idleCredit,
    heartbeat,
    checkpoint,
    thresholds.map((rule) => (typeof rule === 'number' ? { at: rule } : rule)),
    () => `id ${++ids} of tab ${name}`,
    { site: 'test', client: 'Test', samplingRate: 1 } as Identity,
    source,
    (record) => {
      records.push(record)
      if (keepsCopies) copies.push(JSON.parse(JSON.stringify(record)))
    },
    (session) => {
      asked.push(session)
      waiting.push(session)
    },
    (name, detail) => void told.push({ name, detail } as (typeof told)[number]),
  )

  function answer(): void {
    for (let mine = waiting.shift(); mine; mine = waiting.shift()) {
      shared.session = rule.agree(shared.session, mine, EPOCH + at)
      tracker.adopt(mine.id, shared.session)
    }
  }

  function step<Name extends keyof PageEvents>(
    name: Name,
    detail: PageEvents[Name],
    happenedAt: Instant = at,
    busy = Number.POSITIVE_INFINITY, // a script need not look: without events the main thread was busy
  ): void {
    tracker.step(name, detail, state, moment(at), busy, happenedAt)
    if (answers) answer()
  }

  const events: Partial<Record<Happening, (happenedAt?: Instant) => void>> = {
    input: (happenedAt) => step('activity', undefined, happenedAt),
    end: () => step('end', undefined),
    route: () => step('page', { path: `/page-${++pages}` }),
    untracked: () => step('page', undefined),
    restored: () => step('page', { path: '/restored' }),
    leave: () => step('leave', 'leave'),
    bfcache: () => step('leave', 'bfcache'),
    stopped: () => step('look', undefined, at, 0),
    answer,
  }

  /** One step as the page takes it: where other tabs may know better, the store is asked first. */
  function play([now, what, happenedAt]: Step): void {
    at = now
    const run = events[what]
    if (!run && what !== 'look') state = what as PageState
    const isLeaving = what === 'leave' || what === 'bfcache'
    const doubted = answers && !isLeaving && state !== 'hidden' && tracker.doubt(EPOCH + at)
    if (doubted) {
      waiting.push(doubted)
      answer()
    }
    if (run) run(happenedAt)
    else step('look', undefined)
  }

  return {
    tracker,
    rule,
    shared,
    waiting,
    records,
    copies,
    told,
    asked,
    last: () => records.at(-1)!,
    names: () => told.map(({ name }) => name),
    reasons: () => records.map(({ reason }) => reason),
    detail: <Name extends keyof TrackerEvents>(name: Name) =>
      told.filter((one) => one.name === name).map((one) => one.detail as TrackerEvents[Name]),

    /** The page opens at `from`, in `first`; then the script. */
    open(first: PageState, ...script: Step[]) {
      state = first
      step('page', page, 0)
      return this.play(...script)
    },
    play(...script: Step[]) {
      for (const one of script) play(one)
      return this
    },
    /** Look as often as it wants, up to `until`. */
    watch(until: Instant) {
      for (;;) {
        const delay = tracker.nextLook()
        if (!delay || at + delay > until) break
        play([at + Math.ceil(delay), 'look'])
      }
      at = until
      return this
    },
    /** Of the session, as far as this tab knows; `undefined` without one. */
    lastActivityAt(): WallTime | undefined {
      const { sessionEndsAt } = tracker.read()
      return sessionEndsAt && sessionEndsAt - rule.timeoutMs
    },
  }
}

export type Tab = ReturnType<typeof openTab>
