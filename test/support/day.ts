import fc from 'fast-check'
import type { PageEvents } from '../../src/core/events.ts'
import type { Session } from '../../src/core/session.ts'
import { type Instant, type Millis, type Moment, minutes, seconds, type WallTime } from '../../src/core/time.ts'
import type { ThresholdRule } from '../../src/options.ts'
import type { PageState, ViewRecord } from '../../src/protocol/record.ts'
import { EPOCH, someTime } from './replay.ts'
import { openTab, type Shared } from './tab.ts'

/** What a visitor, a browser or a machine does. */
export type Deed =
  | PageState
  | 'input'
  | 'look'
  | 'route'
  | 'untracked' // a route where no views are wanted
  | 'leave' // the next deed in this tab opens a new page
  | 'bfcache' // the next deed in this tab restores the page
  | 'end'

export interface Act {
  /** Since the act before, on the monotonic clock. */
  wait: Millis
  tab: number
  deed: Deed
  /** An input is heard of this long after it happened. */
  late: Millis
  /** Since the act before no process has run, and no main thread was busy. */
  stopped: boolean
  /** How far the wall clock has come ahead of the monotonic one since the act before: a sleep, or someone set it. */
  ahead: Millis
  /** The shared store has answered nobody since the act before, and answers now. */
  answers: boolean
}

/** What the tracker was told, and how it stood then. */
export interface Told {
  name: keyof PageEvents
  now: Moment
  happenedAt: Instant
  state: PageState
  busy: Millis
  after: Reading
  /** How many things the listeners have heard by then. */
  heard: number
}

type Reading = ReturnType<Page['tracker']['read']>
export type Page = ReturnType<typeof openTab> & { log: Told[] }

export interface Settings {
  threshold?: Millis
  buffer?: Millis
  maxDuration?: Millis
  heartbeat?: Millis
  checkpoint?: Millis
  keepsCopies?: boolean
  /** Keeps what each page was told. */
  keepsLog?: boolean
  thresholds?: ThresholdRule[]
  /** How long after the act before, and after that, pages on screen are looked at. */
  looks?: (wait: Millis) => Millis[]
  /** How long pages go on before their process is stopped, or the machine sleeps: long enough to share what was done. */
  runsOn?: Millis
  /** The store answers where an act says so, after 1 s, and before a record would leave without. */
  slowStore?: boolean
  /** Of all tabs one at most is on screen: to show another hides it. */
  oneShown?: boolean
}

/** The longest that a slow store takes. */
export const SLOWEST: Millis = seconds(1)

/** A day in several tabs: every page in it, those that are gone too. */
export function live(acts: Act[], settings: Settings = {}): Page[] {
  const { looks = () => [], runsOn = 0, slowStore = false, oneShown = false, keepsLog = false, ...options } = settings
  const shared: Shared = {}
  const pages: Page[] = []
  const tabs: ReturnType<typeof openPage>[] = []
  let at: Instant = 0
  let ahead: Millis = 0

  const wall = (): WallTime => EPOCH + at + ahead

  function openPage(first: PageState) {
    const page: Page = Object.assign(openTab({ shared, answers: false, keepsCopies: false, ...options }), { log: [] })
    const { tracker, waiting, rule } = page
    const path = { path: `/${pages.length}` }
    let state = first
    let isCached = false
    let isGone = false
    let routes = 0
    pages.push(page)

    function answer(): void {
      for (let mine = waiting.shift(); mine; mine = waiting.shift()) {
        shared.session = rule.agree(shared.session, mine, wall())
        tracker.adopt(mine.id, shared.session)
      }
    }

    function step<Name extends keyof PageEvents>(
      name: Name,
      detail: PageEvents[Name],
      busy: Millis,
      happenedAt: Instant,
    ): void {
      const now = { at, wall: wall() }
      tracker.step(name, detail, state, now, busy, happenedAt)
      if (keepsLog)
        page.log.push({ name, now, happenedAt, state, busy, after: tracker.read(), heard: page.told.length })
    }

    /** As `start.ts` tells it: where other tabs may know better, the store is asked first. */
    function tell<Name extends keyof PageEvents>(
      name: Name,
      detail: PageEvents[Name],
      busy: Millis,
      happenedAt = at,
    ): void {
      const doubted = name !== 'leave' && state !== 'hidden' && tracker.doubt(wall())
      // Once asked, the store has been read: a slow one is slow with what nobody waits for.
      if (doubted) ask(doubted)
      step(name, detail, busy, happenedAt)
      if (!slowStore) answer()
    }

    function ask(doubted: Session): void {
      waiting.push(doubted)
      answer()
    }

    const deeds: Record<Exclude<Deed, PageState>, (busy: Millis, late: Millis) => void> = {
      input: (busy, late) => tell('activity', undefined, busy, at - late),
      look: (busy) => tell('look', undefined, busy),
      route: (busy) => tell('page', { path: `${path.path}/${++routes}` }, busy),
      untracked: (busy) => tell('page', undefined, busy),
      end: (busy) => tell('end', undefined, busy),
      leave(busy) {
        tell('leave', 'leave', busy)
        isGone = true
      },
      bfcache(busy) {
        tell('leave', 'bfcache', busy)
        state = 'hidden'
        isCached = true
      },
    }

    const isShown = () => !isGone && (state === 'active' || state === 'passive')

    tell('page', path, Infinity)

    return {
      answer,
      isShown,
      isGone: () => isGone,
      hide(busy: Millis) {
        if (isShown()) this.act('hidden', busy)
      },
      /** The day is over: what is on screen ends. */
      close() {
        if (!isGone && !isCached) this.act('leave', Infinity)
      },
      /** A look that the page takes by itself. */
      look(busy: Millis) {
        if (isShown() && tracker.nextLook()) tell('look', undefined, busy)
      },
      act(deed: Deed, busy: Millis, late: Millis = 0) {
        // What goes away or is over has to be in the session that the store has.
        if (deed !== 'input' && deed !== 'look') answer()
        if (isCached) {
          isCached = false
          state = deed === 'passive' ? 'passive' : 'active'
          tell('page', path, busy)
        } else if (deed in deeds) deeds[deed as keyof typeof deeds](busy, late)
        else {
          state = deed as PageState
          tell('look', undefined, busy)
        }
      },
    }
  }

  /** Whoever is shown looks, and the store has answered. */
  function settle(shown: typeof tabs): void {
    for (const page of shown) page.look(Infinity)
    for (const page of tabs) page?.answer()
  }

  for (const { wait, tab, deed, late, stopped, ahead: gained, answers } of acts) {
    const from = at
    const shown = tabs.filter((page) => page?.isShown())
    if (stopped) {
      at += Math.min(runsOn, wait)
      settle(shown)
    } else {
      const moments = looks(wait)
      for (const [i, passed] of [0, ...moments].entries()) {
        at = from + passed
        if (i) for (const page of shown) page.look(Infinity)
        if ((moments[i] ?? wait) - passed <= SLOWEST) continue
        at += SLOWEST
        for (const page of tabs) page?.answer()
      }
    }
    at = from + wait
    if (gained) {
      at += runsOn
      settle(shown)
    }
    ahead += gained
    if (answers) for (const page of tabs) page?.answer()
    const busy = stopped ? 0 : Infinity
    const page = tabs[tab]
    if (oneShown) for (const other of tabs) if (other !== page) other?.hide(busy)
    if (!page || page.isGone()) tabs[tab] = openPage(isState(deed) ? deed : 'active')
    else page.act(deed, busy, late)
    if (stopped || gained) for (const other of shown) if (other !== page) other.look(busy)
  }
  for (const page of tabs) page?.close()
  return pages
}

const isState = (deed: Deed): deed is PageState => ['active', 'passive', 'hidden', 'frozen'].includes(deed)

interface Kind {
  tabs?: number
  deeds?: Deed[]
  waits?: fc.Arbitrary<Millis>
  late?: fc.Arbitrary<Millis>
  stops?: boolean
  /** How far someone may set the wall clock ahead (back if negative) at once. */
  sets?: fc.Arbitrary<Millis>
  maxLength?: number
}

export const SHORT_WAIT = someTime
/** Up to what a session survives, and beyond. */
const LONG_WAIT = fc.oneof(
  someTime,
  someTime,
  someTime,
  fc.constantFrom(minutes(29), minutes(30), minutes(30) + seconds(30), minutes(31), minutes(90)),
)

/** Deeds as often as they are wanted: mostly someone is there, reads and goes to and fro. */
export const DEEDS: Deed[] = [
  ...(['active', 'active', 'active', 'passive', 'hidden', 'hidden', 'frozen'] as const),
  ...(['input', 'input', 'input', 'input', 'input', 'look', 'look'] as const),
  ...(['route', 'route', 'untracked', 'leave', 'bfcache', 'end'] as const),
]

/** Any day of that kind. */
export function someDay({
  tabs = 1,
  deeds = DEEDS,
  waits = LONG_WAIT,
  late = fc.constantFrom(0, 0, 40, 700, 2_700),
  stops = true,
  sets = fc.constant(0),
  maxLength = 25,
}: Kind = {}): fc.Arbitrary<Act[]> {
  const stood = stops
    ? fc.constantFrom('', '', '', '', '', '', '', '', 'stopped', 'asleep')
    : fc.constant<'' | 'stopped' | 'asleep'>('')
  const slept = fc.constantFrom(seconds(4), seconds(5) + 1, seconds(40), minutes(20), minutes(35), minutes(480))
  return fc.array(
    fc
      .record({
        wait: waits,
        tab: fc.nat(tabs - 1),
        deed: fc.constantFrom(...deeds),
        late,
        stood,
        slept,
        set: sets,
        answers: fc.boolean(),
      })
      .map(({ wait, stood, slept, set, ...act }): Act => {
        const isAsleep = stood === 'asleep'
        return { ...act, wait, stopped: stood === 'stopped', ahead: set + (isAsleep ? slept : 0) }
      }),
    { minLength: 1, maxLength },
  )
}

/** The records of each view, in order of the views. */
export function viewsOf(pages: Page[]): ViewRecord[][] {
  const views = new Map<string, ViewRecord[]>()
  for (const { records } of pages) {
    for (const record of records) {
      const known = views.get(record.viewId)
      if (known) known.push(record)
      else views.set(record.viewId, [record])
    }
  }
  return [...views.values()]
}

export type Stretch = [from: WallTime, to: WallTime]

/** When a view was on screen, as a collector has it from its last record. */
export function shownOf({ startedAt, spans }: ViewRecord): Stretch[] {
  const suspended = spans.filter(([kind]) => kind === 'suspended')
  /** A point of the total clock on the wall clock; what is suspended at it lies behind it, or before it. */
  const wallAt = (point: Millis, isEnd: boolean): WallTime =>
    suspended.reduce(
      (wall, [, at, length]) => (at < point || (at === point && !isEnd) ? wall + length : wall),
      startedAt + point,
    )
  return spans
    .filter(([kind]) => kind !== 'suspended' && kind !== 'hidden')
    .flatMap(([, from, to]) => {
      const cuts = [...new Set([from, ...suspended.map(([, at]) => at).filter((at) => from < at && at < to), to])]
      return cuts.slice(1).map((end, i): Stretch => [wallAt(cuts[i]!, false), wallAt(end, true)])
    })
}

/** How long the stretches are together, what they share counted once. */
export function unionOf(stretches: Stretch[]): Millis {
  let sum = 0
  let to = -Infinity
  for (const [from, end] of [...stretches].sort((a, b) => a[0] - b[0])) {
    sum += Math.max(0, end - Math.max(from, to))
    to = Math.max(to, end)
  }
  return sum
}
