import { type Dialect, question } from '../store/question.ts'
import type { Level, Shelf, Store } from '../store/store.ts'
import type { SESSION_PARTS } from '../tallies/session-parts.ts'
import { SESSIONS, type Subject, VIEWS } from '../tallies/subject.ts'
import { addInto, emptyTally, type Tally, type WrittenTally } from '../tallies/tally.ts'
import { beginningsOf, cover, hasLevel, type Kept, type Piece, TIERS } from '../tallies/tiers.ts'
import type { VIEW_PARTS } from '../tallies/view-parts.ts'
import {
  type Conditions,
  type Filter,
  isAboutPages,
  isCoarse,
  rollupConditions,
  sessionConditions,
  viewConditions,
} from './filter.ts'

/** A tally for everything, one for each page, or one for each of these pages. */
type By = 'all' | 'path' | ReadonlySet<string>

/** What is asked. */
interface Asked {
  subject: Subject
  conditions: (filter: Filter, range: Pick<Filter, 'from' | 'to'>) => Conditions
  parts: readonly string[]
  by?: By
}

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
  const measures = await measure(store, filter, { subject: SESSIONS, conditions: sessionConditions, parts })
  return measures.get('') ?? {}
}

/** What the sessions say of which a filter's newest views are, so many of these: a page's sessions may be millions. */
export async function measureNewestSessions(
  store: Store,
  filter: Filter,
  parts: readonly (keyof typeof SESSION_PARTS)[],
  newest: number,
): Promise<Tally> {
  const { sql, parameters } = viewConditions(filter, filter)
  const views = await store.read<{ session_id: string }>(
    question((dialect) => `SELECT session_id FROM views WHERE ${sql(dialect)} ORDER BY began_at DESC LIMIT :newest`),
    { ...parameters, newest },
  )
  const sessionIds = JSON.stringify([...new Set(views.map(({ session_id }) => session_id))])
  const conditions = () => ({
    sql: (dialect: Dialect) => dialect.isIn('session_id', 'sessionIds'),
    parameters: { sessionIds },
  })
  const tally = emptyTally()
  const everything = { from: 0, to: 0, spanMs: 0 }
  await addRows(store, filter, { subject: SESSIONS, conditions, parts }, everything, () => tally)
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
      ? { subject: VIEWS, conditions: viewConditions, parts: of.views }
      : { subject: SESSIONS, conditions: sessionConditions, parts: of.sessions }
  const days = starts.slice(1).map(emptyTally)
  const kept = await keptFor(store, filter, asked)
  const beginnings = new Map<number, Map<number, Tally>>()
  for (const [at, tally] of days.entries()) {
    for (const piece of cover(starts[at]!, starts[at + 1]!, kept)) {
      if (piece.spanMs === 0) await addRows(store, filter, asked, piece, () => tally)
      else for (const begins of beginningsOf(piece)) beginningsOfTier(piece.spanMs).set(begins, tally)
    }
  }
  for (const [spanMs, tallies] of beginnings) {
    const piece = { spanMs, from: starts[0]!, to: starts.at(-1)! }
    for (const { begins, tally } of await readRollups(store, filter, asked, piece, [...tallies.keys()])) {
      addInto(tallies.get(begins)!, JSON.parse(tally) as WrittenTally)
    }
  }
  return days

  function beginningsOfTier(spanMs: number): Map<number, Tally> {
    const known = beginnings.get(spanMs) ?? new Map<number, Tally>()
    beginnings.set(spanMs, known)
    return known
  }
}

/** What is older from roll-ups, where these know enough, what is newer from the rows themselves. */
async function measure(store: Store, filter: Filter, asked: Asked): Promise<Map<string, Tally>> {
  const measures = new Map<string, Tally>()
  const { by } = asked
  const tallyOf = (key: string): Tally | undefined => {
    if (by instanceof Set && !by.has(key)) return undefined
    const tally = measures.get(key) ?? emptyTally()
    measures.set(key, tally)
    return tally
  }
  for (const piece of cover(filter.from, filter.to, await keptFor(store, filter, asked))) {
    if (piece.spanMs === 0) await addRows(store, filter, asked, piece, tallyOf)
    else {
      const rollups = await readRollups(store, filter, asked, piece)
      for (const { key, tally } of rollups) addInto(tallyOf(key)!, JSON.parse(tally) as WrittenTally)
    }
  }
  return measures
}

/** Of campaigns, referrers and users roll-ups know nothing; of pages only those of views, if they have them at all. */
function knowsEnough(filter: Filter, { subject, parts, by = 'all' }: Asked): boolean {
  const isOfPages = by !== 'all' || isAboutPages(filter)
  return isCoarse(filter) && (!isOfPages || parts.every((name) => subject.parts[name]!.levels.includes('page')))
}

/** The roll-ups that can be read for this. */
async function keptFor(store: Store, filter: Filter, asked: Asked): Promise<Kept> {
  if (!knowsEnough(filter, asked)) return { done: new Map() }
  const tiers = TIERS.filter((spanMs) => hasLevel(spanMs, levelFor(filter, { ...asked, spanMs })))
  const done = await Promise.all(tiers.map(async (spanMs) => [spanMs, await store.rolledUpTo(spanMs)] as const))
  return { done: new Map(done), fresh: await store.freshDays?.list(), tiers }
}

interface RollupRow {
  key: string
  begins: number
  tally: string
}

/** Of each shelf that has what is asked: all of the piece, or those that begin at one of these instants. */
async function readRollups(
  store: Store,
  filter: Filter,
  { subject, parts, by = 'all' }: Asked,
  { spanMs, from, to }: Piece,
  beginnings?: readonly number[],
): Promise<RollupRow[]> {
  const { sql, parameters } = rollupConditions(filter, { from, to })
  const paths = by instanceof Set && { paths: JSON.stringify([...by]) }
  const instants = beginnings && { beginnings: JSON.stringify(beginnings) }
  const asked = question(
    (dialect) => `
    SELECT ${by === 'all' ? "''" : 'path'} AS key, begins_at AS begins, tally
    FROM rollups
    WHERE shelf = :shelf AND level = :level AND span_ms = :spanMs AND ${sql(dialect)}
      ${by instanceof Set ? `AND ${dialect.isIn('path', 'paths')}` : ''}
      ${beginnings ? `AND ${dialect.isOneOf('begins_at', 'beginnings')}` : ''}`,
  )
  const level = levelFor(filter, { by, spanMs })
  const shelves = new Set(parts.map((name): Shelf => subject.parts[name]!.shelf))
  const rows = await Promise.all(
    [...shelves].map((shelf) =>
      store.read<RollupRow>(asked, { ...parameters, ...paths, ...instants, shelf, level, spanMs }),
    ),
  )
  return rows.flat()
}

async function addRows(
  store: Store,
  filter: Filter,
  { subject, conditions, parts, by = 'all' }: Asked,
  range: Piece,
  tallyOf: (key: string) => Tally | undefined,
): Promise<void> {
  const { sql, parameters } = conditions(filter, range)
  const keys = { columns: `${by === 'all' ? "''" : 'path'} AS key`, names: 'key' }
  for (const name of parts) {
    const part = subject.parts[name]!
    const asked = question((dialect) => {
      const where = sql(dialect)
      const whole = `session_id IN (SELECT session_id FROM ${subject.table} WHERE ${where})`
      return part.sql(dialect, keys, { where, whereSessions: isAboutPages(filter) ? whole : where })
    })
    for (const row of await store.read<{ key: string }>(asked, parameters)) {
      const tally = tallyOf(row.key)
      if (tally) part.add(tally, row)
    }
  }
}

function levelFor(filter: Filter, { by = 'all', spanMs }: { by?: By | undefined; spanMs: number }): Level {
  const pages = by !== 'all' || isAboutPages(filter)
  const devices = filter.device !== undefined || filter.bots === 'exclude'
  if (!pages) return devices ? 'device' : 'site'
  return devices || !hasLevel(spanMs, 'page') ? 'page-device' : 'page'
}
