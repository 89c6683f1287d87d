import type { Store } from '../store/store.ts'
import type { SESSION_PARTS } from '../tallies/session-parts.ts'
import { SESSIONS, VIEWS } from '../tallies/subject.ts'
import { addInto, emptyTally, type Tally } from '../tallies/tally.ts'
import { cover, DAY_MS, type Piece, QUARTER_MS } from '../tallies/tiers.ts'
import type { VIEW_PARTS } from '../tallies/view-parts.ts'
import { type Filter, isAboutPages, isCoarse, sessionConditions, viewConditions } from './filter.ts'
import { type Asked, addRows, type By, readRollups } from './sources.ts'

/** Days in one question of rows: each is one comparison for every row. */
const DAYS_AT_ONCE = 50

/** What the views of a filter say together, under '' or by path. */
export const measureViews = (
  store: Store,
  filter: Filter,
  parts: readonly (keyof typeof VIEW_PARTS)[],
  by: By = 'all',
): Promise<Map<string, Tally>> => measure(store, filter, { subject: VIEWS, conditions: viewConditions, parts, by })

/** What the sessions of a filter say together. */
export async function measureSessions(
  store: Store,
  filter: Filter,
  parts: readonly (keyof typeof SESSION_PARTS)[],
): Promise<Tally> {
  const measures = await measure(store, filter, {
    ...{ subject: SESSIONS, conditions: sessionConditions, parts, by: 'all' },
  })
  return measures.get('') ?? {}
}

/** What views or sessions of a filter say on each of these days, which follow each other: instants, and the end. */
export async function measureDays(
  store: Store,
  filter: Filter,
  starts: readonly number[],
  of: { views: readonly (keyof typeof VIEW_PARTS)[] } | { sessions: readonly (keyof typeof SESSION_PARTS)[] },
): Promise<Tally[]> {
  const asked: Asked =
    'views' in of
      ? { subject: VIEWS, conditions: viewConditions, parts: of.views, by: 'all' }
      : { subject: SESSIONS, conditions: sessionConditions, parts: of.sessions, by: 'all' }
  const days = starts.slice(1).map(emptyTally)
  const whole = { from: starts[0]!, to: starts.at(-1)! }
  const spanMs = starts.every((at) => at % DAY_MS === 0) ? DAY_MS : QUARTER_MS
  const done = knowsEnough(filter, asked) ? await store.rolledUpTo() : new Map<number, number>()
  const fresh = knowsEnough(filter, asked) && spanMs === DAY_MS ? await store.freshDays.list() : []
  const pieces = cover(whole.from, whole.to, new Map([[spanMs, done.get(spanMs) ?? 0]]), fresh)

  const dayOf = (at: number) => starts.findLastIndex((start) => start <= at)
  for (const { begins, tally } of await readRollups(store, filter, asked, pieces.filter(isRolledUp))) {
    addInto(days[dayOf(begins)]!, tally)
  }
  for (const { from, to } of pieces.filter((piece) => !isRolledUp(piece))) {
    for (let first = dayOf(from); starts[first]! < to; first += DAYS_AT_ONCE) {
      const range = { from: Math.max(from, starts[first]!), to: Math.min(to, starts[first + DAYS_AT_ONCE] ?? to) }
      const later = starts.filter((start) => start > range.from && start < range.to)
      const key = ['0', ...later.map((start) => `(${asked.subject.beganAt} >= ${start})`)].join(' + ')
      await addRows(store, filter, asked, { ...range, key }, (day) => days[first + Number(day)]!)
    }
  }
  return days
}

const isRolledUp = ({ spanMs }: Piece) => spanMs > 0

/** What is older from roll-ups, where these know enough, what is newer from the rows themselves. */
async function measure(store: Store, filter: Filter, asked: Asked): Promise<Map<string, Tally>> {
  const measures = new Map<string, Tally>()
  const tallyOf = (key: string): Tally => {
    const tally = measures.get(key) ?? emptyTally()
    measures.set(key, tally)
    return tally
  }
  const pieces = await piecesOf(store, filter, asked)
  const key = asked.by === 'all' ? "''" : 'path'
  for (const { key, tally } of await readRollups(store, filter, asked, pieces.filter(isRolledUp))) {
    addInto(tallyOf(key), tally)
  }
  for (const { from, to } of pieces.filter((piece) => !isRolledUp(piece))) {
    await addRows(store, filter, asked, { from, to, key }, tallyOf)
  }
  return measures
}

/** Of campaigns, referrers and users roll-ups know nothing; of pages only those of views, if they have them at all. */
function knowsEnough(filter: Filter, { subject, parts, by }: Asked): boolean {
  const isOfPages = by !== 'all' || isAboutPages(filter)
  return isCoarse(filter) && (!isOfPages || parts.every((name) => subject.parts[name]!.levels.includes('page')))
}

async function piecesOf(store: Store, filter: Filter, asked: Asked): Promise<Piece[]> {
  const { from, to } = filter
  if (!knowsEnough(filter, asked)) return [{ spanMs: 0, from, to }]
  return cover(from, to, await store.rolledUpTo(), await store.freshDays.list())
}
