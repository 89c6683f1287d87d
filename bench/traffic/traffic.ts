import { createRandom, type Random } from './random.ts'
import { type Post, postsOf, type Visit, type Visitor } from './visit.ts'
import { BOTS, CAMPAIGNS, DEVICES, HOURS, REFERRERS, SITES, type Site, VIRAL, VIRAL_REFERRER } from './world.ts'

// Plausible traffic, made of a seed and an end: the same bytes each time, with no clock and no chance but its own. Three
// sites of a small publisher: a magazine, an academy whose students sign in, a handbook that samples one session in four.
// Working days, weekends and hours of the day; growth; one viral day; campaigns that begin and end; returning visitors;
// bots; clocks that are wrong; breaks of every kind; ends of every kind, told at once, later, or never; records that come
// twice, late, or make no sense. What is not here: real people. Reading times are log-normal because they mostly are.

export interface TrafficOptions {
  seed: number
  /** The last instant; what would arrive later does not. */
  end: number
  days: number
  /** About how many views are stored, over all days. */
  views: number
}

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

/** Counted back from the end. */
const VIRAL_DAY = 23
const VIEWS_PER_SESSION = 2.2

/** For how long a student learns, beside the sessions of a day. */
const TERM_DAYS = 28
const STUDENTS_PER_SESSION = 4

/** Everything that arrives, in order. */
export function* traffic({ seed, end, days, views }: TrafficOptions): Generator<Post> {
  const lastDay = Math.floor(end / DAY_MS)
  const firstDay = lastDay - days + 1
  let waiting: Post[] = []
  for (let day = firstDay; day <= lastDay; day++) {
    const dayOptions = { seed, day, daysAgo: lastDay - day, days, sessions: views / days / VIEWS_PER_SESSION }
    for (const site of SITES) waiting.push(...postsOfDay(site, dayOptions))
    waiting.push(...nonsense(createRandom(`${seed} nonsense ${day}`), day * DAY_MS))
    waiting.sort((a, b) => a.at - b.at || (a.body < b.body ? -1 : 1))
    const until = Math.min(end, (day + 1) * DAY_MS)
    const later = waiting.findIndex(({ at }) => at >= until)
    const now = later === -1 ? waiting : waiting.slice(0, later)
    waiting = later === -1 ? [] : waiting.slice(later)
    yield* now
  }
}

interface Day {
  seed: number
  /** Since the epoch. */
  day: number
  daysAgo: number
  days: number
  /** Of all sites on an ordinary day. */
  sessions: number
}

function postsOfDay(site: Site, options: Day): Post[] {
  const { seed, day, daysAgo } = options
  const random = createRandom(`${seed} ${site.name} ${day}`)
  const amount = sessionsOn(site, options, random)
  const usual = (options.sessions * site.share * VIEWS_PER_SESSION * VIRAL.weight) / sumOfWeights(site)
  const viralFactor = site.name !== 'magazine' ? 0 : daysAgo === VIRAL_DAY ? 7 : daysAgo === VIRAL_DAY - 1 ? 2 : 0
  const viral = Math.round(usual * viralFactor)
  return Array.from({ length: amount + viral }, (_, number) => {
    const own = createRandom(`${seed} ${site.name} ${day} ${number}`)
    const visit = number < amount ? visitOf(site, options, number, own) : viralVisitOf(site, options, number, own)
    return postsOf(visit, own)
  }).flat()
}

const sumOfWeights = ({ pages }: Site) => pages.reduce((sum, { weight }) => sum + weight, 0)

function sessionsOn(site: Site, { day, daysAgo, days, sessions }: Day, random: Random): number {
  const weekday = (day + 4) % 7 // the epoch began on a Thursday
  const ofWeek = weekday === 0 || weekday === 6 ? site.weekend : weekday === 5 ? 0.9 : 1.08
  const growth = 1.2 - (0.4 * daysAgo) / Math.max(1, days)
  return Math.round(sessions * site.share * ofWeek * growth * random.logNormal(1, 0.08))
}

function visitOf(site: Site, options: Day, number: number, random: Random): Visit {
  const { day, daysAgo } = options
  const startedAt = instantOf(day, random)
  const visitor = random.chance(0.06) ? botOf(random) : visitorOf(site, options, number, random)
  const campaign = visitor.isBot ? undefined : campaignOf(daysAgo, random)
  const referrerHost = campaign ? undefined : random.pickWeighted(REFERRERS)
  const patience = visitor.patience * (campaign?.patience ?? 1) * (referrerHost === 'www.reddit.com' ? 0.6 : 1)
  return {
    ...{ site, startedAt, visitor: { ...visitor, patience } },
    ...(campaign && { utm: campaign.utm }),
    ...(referrerHost && { referrerHost }),
  }
}

function viralVisitOf(site: Site, { seed, day }: Day, number: number, random: Random): Visit {
  const visitor = visitorNumber(`${seed} viral ${day} ${number}`)
  // Most come after lunch, when somebody has shared it.
  const startedAt = day * DAY_MS + Math.round(Math.min(23.9, 12 + random.logNormal(3, 0.6)) * HOUR_MS)
  const hurried = { ...visitor, patience: visitor.patience * 0.3 }
  return { site, startedAt, visitor: hurried, referrerHost: VIRAL_REFERRER, entry: VIRAL }
}

function instantOf(day: number, random: Random): number {
  const hour = random.pickWeighted(HOURS.map((weight, hour) => [hour, weight] as const))
  return day * DAY_MS + hour * HOUR_MS + random.whole(0, HOUR_MS - 1)
}

/** Somebody new, or somebody of an earlier day: who reads for longer comes back more often; students do by themselves. */
function visitorOf(site: Site, { seed, day, sessions }: Day, number: number, random: Random): Visitor {
  if (random.chance(site.signedIn)) {
    const term = Math.floor(day / TERM_DAYS) - (random.chance(0.3) ? 1 : 0)
    // A few come every day, most once in a while.
    const student = Math.floor(sessions * site.share * STUDENTS_PER_SESSION * random.next() ** 2)
    const key = `${seed} term ${term} ${student}`
    return { ...visitorNumber(key), userId: `student-${createRandom(key).whole(1_000, 99_999)}` }
  }
  for (let tries = random.chance(0.62) ? 3 : 0; tries > 0; tries--) {
    const daysBefore = 1 + Math.floor(-Math.log(1 - random.next()) * 9)
    const other = random.whole(0, Math.max(1, Math.floor(sessions * site.share * 0.4)))
    const visitor = visitorNumber(`${seed} ${site.name} ${day - daysBefore} ${other}`)
    if (random.chance(Math.min(0.9, visitor.patience * 0.35))) return visitor
  }
  return visitorNumber(`${seed} ${site.name} ${day} ${number}`)
}

function visitorNumber(key: string): Visitor {
  const random = createRandom(`visitor ${key}`)
  const device = random.pickWeighted(DEVICES)
  return {
    id: random.id(),
    userAgent: device.agent,
    isBot: false,
    patience: device.patience * random.logNormal(1, 0.4),
    skewMs: random.chance(0.015) ? random.pick([-7_200_000, -180_000, 240_000, 3_600_000]) : random.whole(-400, 400),
  }
}

const botOf = (random: Random): Visitor => ({
  ...{ id: random.id(), userAgent: random.pick(BOTS), isBot: true, patience: 1, skewMs: 0 },
})

function campaignOf(daysAgo: number, random: Random) {
  return CAMPAIGNS.find(({ days: [from, to], share }) => daysAgo <= from && daysAgo >= to && random.chance(share))
}

/** A few posts a day that are refused: broken ones, ones that cannot be true, and what is no record at all. */
function nonsense(random: Random, dayAt: number): Post[] {
  const post = (body: string): Post => ({
    at: dayAt + random.whole(0, DAY_MS - 1),
    userAgent: random.pickWeighted(DEVICES).agent,
    body,
  })
  const envelope = (sentAt: number, record: object) =>
    JSON.stringify({ v: 1, sentAt, deferred: false, via: 'fetch', attempts: 1, dropped: 0, records: [record] })
  const [site] = SITES
  const good = (startedAt: number) => {
    const visitor = visitorNumber(`nonsense ${random.id()}`)
    const [first] = postsOf({ site: site!, visitor, startedAt }, random)
    return JSON.parse(first!.body).records[0]
  }
  const noon = dayAt + DAY_MS / 2
  return [
    ...Array.from({ length: random.whole(0, 2) }, () => post('not json')),
    ...Array.from({ length: random.whole(1, 4) }, () => post(envelope(noon, { ...good(noon), visibleMs: -1 }))),
    // A clock that stands in another month.
    ...Array.from({ length: random.whole(0, 3) }, () => post(envelope(noon, good(noon - 40 * DAY_MS)))),
  ]
}
