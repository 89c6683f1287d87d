import { type Dialect, question } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import type { SESSION_PARTS } from '../tallies/session-parts.ts'
import { SESSIONS, VIEWS } from '../tallies/subject.ts'
import { addInto, emptyTally, type Tally } from '../tallies/tally.ts'
import { beginningsOf, cover, hasLevel, type Kept, type Piece, TIERS } from '../tallies/tiers.ts'
import type { VIEW_PARTS } from '../tallies/view-parts.ts'
import { type Filter, isAboutPages, isCoarse, sessionConditions, viewConditions } from './filter.ts'
import { newestViews } from './newest.ts'
import { type By, levelFor, type Stretch } from './rollup-question.ts'
import { type Asked, addRows, readRollups } from './sources.ts'

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

/** What the sessions say of which a filter's newest views are, so many of these: a page's sessions may be millions. */
export async function measureNewestSessions(
  store: Store,
  filter: Filter,
  parts: readonly (keyof typeof SESSION_PARTS)[],
  newest: number,
): Promise<Tally> {
  const views = await newestViews(store, filter, newest, (range) => {
    const { near, sql, parameters } = viewConditions(filter, range)
    const asked = question(
      (dialect) => `SELECT session_id FROM ${near(dialect)} WHERE ${sql(dialect)} ORDER BY began_at DESC LIMIT :newest`,
    )
    return store.read<{ session_id: string }>(asked, { ...parameters, newest })
  })
  const sessionIds = JSON.stringify([...new Set(views.map(({ session_id }) => session_id))])
  const conditions = () => ({
    near: () => 'sessions',
    sql: (dialect: Dialect) => dialect.isIn('session_id', 'sessionIds'),
    parameters: { sessionIds },
  })
  const tally = emptyTally()
  const all = { from: 0, to: 0, key: "''" } // of these
  await addRows(store, filter, { subject: SESSIONS, conditions, parts, by: 'all' }, all, () => tally)
  return tally
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
  const kept = await keptFor(store, filter, asked)
  const pieces = starts.slice(1).flatMap((end, at) => cover(starts[at]!, end, kept))

  const dayOf = (at: number) => starts.findLastIndex((start) => start <= at)
  for (const { begins, tally } of await readRollups(store, filter, asked, together(pieces.filter(isRolledUp)))) {
    addInto(days[dayOf(begins)]!, tally)
  }
  for (const { from, to } of joined(pieces.filter((piece) => !isRolledUp(piece)))) {
    for (let first = dayOf(from); starts[first]! < to; first += DAYS_AT_ONCE) {
      const range = { from: Math.max(from, starts[first]!), to: Math.min(to, starts[first + DAYS_AT_ONCE] ?? to) }
      const later = starts.filter((start) => start > range.from && start < range.to)
      const key = ['0', ...later.map((start) => `(${asked.subject.beganAt} >= ${start})`)].join(' + ')
      await addRows(store, filter, asked, { ...range, key }, (day) => days[first + Number(day)]!)
    }
  }
  return days
}

/** Many pieces, asked for length by length: one stretch for each, and when its roll-ups begin. */
function together(pieces: readonly Piece[]): Stretch[] {
  const stretches = new Map<string, Stretch & { beginnings: number[] }>()
  for (const piece of pieces) {
    const key = `${piece.spanMs} ${piece.generation}`
    const stretch = stretches.get(key) ?? { ...piece, beginnings: [] }
    stretch.to = piece.to
    stretch.beginnings.push(...beginningsOf(piece))
    stretches.set(key, stretch)
  }
  return [...stretches.values()]
}

/** What follows each other is one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = []
  for (const piece of pieces) {
    const last = all.at(-1)
    if (last?.to === piece.from) last.to = piece.to
    else all.push({ ...piece })
  }
  return all
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
  const pieces = cover(filter.from, filter.to, await keptFor(store, filter, asked))
  const key = asked.by === 'all' ? "''" : 'path'
  const made = readRollups(store, filter, asked, pieces.filter(isRolledUp)).then((tallies) => {
    for (const { key, tally } of tallies) addInto(tallyOf(key), tally)
  })
  const rows = pieces.filter((piece) => !isRolledUp(piece))
  // Rows are looked at while roll-ups are added up.
  await Promise.all([made, ...rows.map(({ from, to }) => addRows(store, filter, asked, { from, to, key }, tallyOf))])
  return measures
}

/** Of campaigns, referrers and users roll-ups know nothing; of pages only those of views, if they have them at all. */
function knowsEnough(filter: Filter, { subject, parts, by }: Asked): boolean {
  const isOfPages = by !== 'all' || isAboutPages(filter)
  return isCoarse(filter) && (!isOfPages || parts.every((name) => subject.parts[name]!.levels.includes('page')))
}

/** The roll-ups that can be read for this. */
async function keptFor(store: Store, filter: Filter, asked: Asked): Promise<Kept> {
  if (!knowsEnough(filter, asked)) return { done: new Map() }
  const tiers = TIERS.filter((spanMs) => hasLevel(spanMs, levelFor(filter, { ...asked, spanMs })))
  const [done, fresh] = await Promise.all([store.rolledUpTo(), store.freshDays.list()])
  return { done, fresh, tiers }
}
