import type { Envelope, SessionEndReason, ViewRecord } from 'dwelltime/protocol'
import type { Random } from './random.ts'
import { type Clocks, clocksAt, momentsOf, type Stretch, stayOn } from './stay.ts'
import type { Page, Site } from './world.ts'

/** What arrives at the collector, when, and from which browser. */
export interface Post {
  at: number
  userAgent: string
  body: string
}

/** Who comes, from where. */
export interface Visitor {
  id: string
  userId?: string
  userAgent: string
  isBot: boolean
  /** How much longer they read than others. */
  patience: number
  /** Our clock minus theirs. */
  skewMs: number
}

export interface Visit {
  site: Site
  visitor: Visitor
  startedAt: number
  referrerHost?: string
  utm?: ViewRecord['utm']
  /** The first page; chosen by weight if there is none. */
  entry?: Page
}

const HEARTBEAT_MS = 60_000
const SESSION_TIMEOUT_MS = 31 * 60_000
const HOUR_MS = 60 * 60_000

/** How the last page of a session is left, or lost. */
type Departure = 'leave' | 'deferred' | 'nextVisit' | 'lost' | SessionEndReason
const DEPARTURES: readonly (readonly [Departure, number])[] = [
  ['leave', 81],
  ['inactivity', 9],
  ['deferred', 3],
  ['nextVisit', 4],
  ['lost', 1.2],
  ['explicit', 1.5],
  ['suspended', 0.8],
  ['max', 0.2],
]

/** A session, as the posts that tell of it. */
export function postsOf(visit: Visit, random: Random): Post[] {
  const { site, visitor } = visit
  const sender = createSender(visitor, random)
  const sessionId = random.id()
  let page = visit.entry ?? random.pickWeighted(site.pages.map((page) => [page, page.weight] as const))
  let startedAt = visit.startedAt
  for (let number = 0, more = visitor.isBot ? 0 : random.streak(site.goesOn); number <= more; number++) {
    const isLast = number === more
    const stretches = visitor.isBot ? botsStay(random) : stayOn(page, visitor.patience * slowness(number), random)
    const departure = isLast ? (visitor.isBot ? 'lost' : random.pickWeighted(DEPARTURES)) : 'leave'
    const view = createView({ visit, page, startedAt, sessionId, stretches, random })
    tell(view, { departure, isLast, sender, random, isApp: site.isApp })
    // A click and what the server needs; some come back after a while, to the same session.
    startedAt = view.endedAt + (random.chance(0.06) ? random.logNormal(240_000, 0.7) : random.logNormal(450, 0.6))
    startedAt = Math.round(Math.min(startedAt, view.endedAt + 25 * 60_000))
    page = random.pickWeighted(site.pages.filter((next) => next !== page).map((next) => [next, next.weight] as const))
  }
  return sender.posts
}

/** Who has read some pages skims the next ones. */
const slowness = (number: number) => 1 / (1 + number * 0.12)

const botsStay = (random: Random): Stretch[] => [['unfocused', random.whole(300, 4_000)]]

interface View {
  endedAt: number
  stretches: readonly Stretch[]
  record(untilMs: number, told: Pick<ViewRecord, 'state' | 'reason'> & Partial<ViewRecord>): ViewRecord
  startedAt: number
}

interface ViewOptions {
  visit: Visit
  page: Page
  startedAt: number
  sessionId: string
  stretches: readonly Stretch[]
  random: Random
}

function createView({ visit, page, startedAt, sessionId, stretches, random }: ViewOptions): View {
  const { site, visitor, referrerHost, utm } = visit
  const theirs = startedAt - visitor.skewMs
  const lcp = Math.round(random.logNormal(/Mobile/.test(visitor.userAgent) ? 2_300 : 1_300, 0.45))
  const vitals = {
    lcp,
    fcp: Math.round(lcp * 0.6),
    ttfb: Math.round(lcp * 0.25),
    inp: random.whole(24, 320),
    cls: 0.02,
  }
  const timers = random.chance(0.5) ? (site.timers[page.group] ?? []) : []
  const wholeMs = page.medianMs || 20_000
  const viewId = random.id()
  let seq = 0
  return {
    startedAt,
    endedAt: startedAt + momentsOf(stretches).at(-1)!.wallMs,
    stretches,
    record(untilMs, told) {
      seq += 1
      const { lastActivityMs, ...clocks } = clocksAt(stretches, untilMs)
      return {
        ...{ site: site.name, client: site.client, viewId, seq, sessionId },
        ...{ sessionStartedAt: visit.startedAt - visitor.skewMs, lastActivityAt: theirs + lastActivityMs },
        ...{ sessionTimeoutMs: SESSION_TIMEOUT_MS, maxSessionMs: 12 * HOUR_MS, heartbeatMs: HEARTBEAT_MS },
        ...(!visitor.isBot && { visitorId: visitor.id }),
        ...(visitor.userId && { userId: visitor.userId }),
        ...{ path: page.path, pageGroup: page.group, title: page.title },
        ...(referrerHost && { referrerHost }),
        ...(utm && { utm }),
        ...{ startedAt: theirs, ...clocks },
        ...{ samplingRate: site.samplingRate, samplingUnit: 'session' as const },
        scrollDepth: Math.min(1, Math.round((0.2 + (0.75 * clocks.engagedMs) / wholeMs) * 100) / 100),
        activity: activityIn(clocks.engagedMs, visitor.userAgent),
        thresholds: [10, 30, 60, 180].filter((seconds) => clocks.engagedMs >= seconds * 1000),
        ...(timers.length > 0 && { timers: timersIn(timers, clocks) }),
        // They are known when the page is loaded.
        ...(site.hasVitals && untilMs > 5_000 && { vitals }),
        ...told,
      }
    },
  }
}

function activityIn(engagedMs: number, userAgent: string): ViewRecord['activity'] {
  const acts = Math.round(engagedMs / 2_500)
  const isTouched = /Mobile|Tablet/.test(userAgent)
  return { pointer: isTouched ? 0 : acts, key: 0, scroll: Math.ceil(acts / 2), touch: isTouched ? acts : 0, media: 0 }
}

/** The first was in view for half of the time, the next for a third. */
function timersIn(names: readonly string[], { totalMs, visibleMs, engagedMs }: Omit<Clocks, 'lastActivityMs'>) {
  const partOf = (ms: number, at: number) => Math.floor(ms / (at + 2))
  return Object.fromEntries(
    names.map((name, at) => [name, [partOf(totalMs, at), partOf(visibleMs, at), partOf(engagedMs, at)] as const]),
  ) as NonNullable<ViewRecord['timers']>
}

interface Telling {
  departure: Departure
  isLast: boolean
  sender: Sender
  random: Random
  isApp: boolean
}

/** Sends what the SDK would: at the start, at heartbeats while somebody is engaged, at each hiding, at the end. */
function tell(view: View, { departure, isLast, sender, random, isApp }: Telling): void {
  const { stretches, startedAt } = view
  const moments = momentsOf(stretches)
  const end = moments.at(-1)!
  const isHiddenAtEnd = stretches.at(-1)![0] === 'hidden'
  const isKept = departure === 'deferred' || departure === 'nextVisit'
  sender.fetch(startedAt + random.whole(150, 700), [view.record(0, { state: 'active', reason: 'start' })])

  let heardMs = 0
  for (const [index, { atMs, wallMs, kind }] of moments.entries()) {
    if (kind === 'hidden') {
      heardMs = atMs
      sender.beacon(startedAt + wallMs, view.record(atMs, { state: 'hidden', reason: 'hidden' }))
    }
    if (kind !== 'engaged') continue
    const toMs = moments[index + 1]!.atMs
    for (; heardMs + HEARTBEAT_MS < toMs; heardMs += HEARTBEAT_MS) {
      const offMs = heardMs + HEARTBEAT_MS
      if (offMs <= atMs) continue
      // A page that is lost is often lost between two of them.
      const record = view.record(offMs, { state: 'active', reason: 'heartbeat' })
      sender.fetch(startedAt + wallMs + offMs - atMs, [record])
    }
  }

  const endAt = startedAt + end.wallMs
  if (departure === 'lost') return
  if (isKept && !isHiddenAtEnd) {
    const state = random.chance(0.7) ? 'active' : 'passive'
    if (departure === 'deferred') sender.later(endAt, view.record(end.atMs, { state, reason: 'deferred' }))
    else {
      // The beacon got lost, or the browser with it; the device has kept the last record.
      const isTold = random.chance(0.7)
      const left = { state: 'hidden', reason: 'pagehide', endReason: 'leave' } as const
      const record = view.record(end.atMs, isTold ? left : { state, reason: 'checkpoint' })
      sender.fetch(endAt + Math.round(Math.min(60 * HOUR_MS, random.logNormal(9 * HOUR_MS, 1))), [record])
    }
    return
  }
  if (departure !== 'leave' && departure !== 'deferred' && departure !== 'nextVisit') {
    const waitsMs = departure === 'inactivity' ? SESSION_TIMEOUT_MS : 0
    const ends = { endReason: departure, sessionEndReason: departure }
    // Time in front of an empty chair is cut off.
    const untilMs = departure === 'inactivity' ? lastEngagedMs(stretches) : end.atMs
    sender.fetch(endAt + waitsMs, [view.record(untilMs, { state: 'passive', reason: 'end', ...ends })])
    return
  }
  // Closed while hidden: what was told then is all.
  if (isHiddenAtEnd && isLast) return
  if (isApp && !isLast) {
    sender.fetch(endAt, [view.record(end.atMs, { state: 'active', reason: 'end', endReason: 'route' })])
    return
  }
  const endReason = !isLast && random.chance(0.5) ? 'bfcache' : 'leave'
  sender.beacon(endAt, view.record(end.atMs, { state: 'hidden', reason: 'hidden', endReason }))
}

function lastEngagedMs(stretches: readonly Stretch[]): number {
  const spans = clocksAt(stretches, Number.POSITIVE_INFINITY).spans
  return Math.max(...spans.map(([kind, , to]) => (kind === 'engaged' ? to : 0)))
}

interface Sender {
  posts: Post[]
  fetch(at: number, records: ViewRecord[]): void
  beacon(at: number, record: ViewRecord): void
  /** By the browser, after the page has gone. */
  later(at: number, record: ViewRecord): void
}

/** The way to the collector: mostly fast, sometimes twice, once in a while too late. */
function createSender({ userAgent, skewMs }: Visitor, random: Random): Sender {
  const posts: Post[] = []
  /** What went by a beacon goes along once more with the next regular send. */
  let unsure: ViewRecord[] = []

  function post(at: number, delayMs: number, envelope: Partial<Envelope> & Pick<Envelope, 'via' | 'records'>): void {
    const whole = { v: 1, sentAt: at - skewMs, deferred: false, attempts: 1, dropped: 0, ...envelope }
    posts.push({ at: at + delayMs, userAgent, body: JSON.stringify(whole) })
  }
  const sent = (records: ViewRecord[]) => ({ via: 'fetch', records }) as const
  const onTheWay = () => Math.round(20 + random.logNormal(110, 0.7))

  return {
    posts,
    fetch(at, records) {
      const all = [...unsure, ...records]
      unsure = []
      // No network for a while: later records may overtake it.
      if (random.chance(0.006))
        return post(at + random.whole(20_000, 90_000), onTheWay(), { ...sent(all), attempts: 3 })
      post(at, onTheWay(), sent(all))
      // No answer came, so it is sent again.
      if (random.chance(0.004)) post(at + 10_000, onTheWay(), { ...sent(all), attempts: 2 })
    },
    beacon(at, record) {
      unsure = [record]
      if (!random.chance(0.01)) post(at, onTheWay(), { via: 'beacon', records: [record] })
    },
    later(at, record) {
      const afterMs = Math.round(random.logNormal(20_000, 1.5))
      post(at, afterMs, { via: 'fetchLater', deferred: true, records: [record] })
    },
  }
}
