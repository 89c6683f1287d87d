import { type Dialect, question } from '../store/question.ts'
import type { Level, Parameters, Shelf, Store } from '../store/store.ts'
import { questionOf } from '../tallies/part-question.ts'
import type { SESSION_PARTS } from '../tallies/session-parts.ts'
import { SESSIONS, type Subject, VIEWS } from '../tallies/subject.ts'
import { addInto, emptyTally, type Tally, type WrittenTally } from '../tallies/tally.ts'
import { cover, DAY_MS, hasLevel, type Piece, QUARTER_MS } from '../tallies/tiers.ts'
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
  const whole = { ...filter, from: starts[0]!, to: starts.at(-1)! }
  const spanMs = starts.every((at) => at % DAY_MS === 0) ? DAY_MS : QUARTER_MS
  const made = knowsEnough(filter, asked) ? ((await store.rolledUpTo()).get(spanMs) ?? 0) : 0
  const done = Math.min(Math.max(made, whole.from), whole.to)

  let day = 0
  for (const { begins, tally } of await readRollups(store, filter, asked, { spanMs, from: whole.from, to: done })) {
    while (begins >= starts[day + 1]!) day += 1
    addInto(days[day]!, JSON.parse(tally) as WrittenTally)
  }
  const fresh = knowsEnough(filter, asked) ? await store.freshDays?.list() : []
  for (const [at, tally] of days.entries()) {
    for (const piece of cover(Math.max(starts[at]!, done), starts[at + 1]!, new Map(), fresh)) {
      if (piece.spanMs === 0) await addRows(store, filter, asked, piece, () => tally)
      else for (const made of await readRollups(store, filter, asked, piece)) addInto(tally, JSON.parse(made.tally))
    }
  }
  return days
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
  for (const piece of await piecesOf(store, filter, asked)) {
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

async function piecesOf(store: Store, filter: Filter, asked: Asked): Promise<Piece[]> {
  const { from, to } = filter
  if (!knowsEnough(filter, asked)) return [{ spanMs: 0, from, to }]
  return cover(from, to, await store.rolledUpTo(), await store.freshDays?.list())
}

interface RollupRow {
  key: string
  begins: number
  tally: string
}

/** Of each shelf that has what is asked; in order of time. */
async function readRollups(
  store: Store,
  filter: Filter,
  { subject, parts, by = 'all' }: Asked,
  { spanMs, from, to }: Piece,
): Promise<RollupRow[]> {
  if (from >= to) return []
  const { sql, parameters } = rollupConditions(filter, { from, to })
  const asked = question(
    (dialect) => `
    SELECT ${by === 'all' ? "''" : 'path'} AS key, begins_at AS begins, tally
    FROM rollups
    ${dialect.whereKey} shelf = :shelf AND level = :level AND span_ms = :spanMs AND ${sql(dialect)}
      ${by instanceof Set ? `AND ${dialect.isIn('path', 'paths')}` : ''}
    ORDER BY begins_at`,
  )
  const level = levelFor(filter, { by, spanMs })
  const shelves = new Set(parts.map((name): Shelf => subject.parts[name]!.shelf))
  const rows = await Promise.all(
    [...shelves].map((shelf) => store.read<RollupRow>(asked, { ...parameters, ...pathsOf(by), shelf, level, spanMs })),
  )
  return rows.flat().sort((a, b) => a.begins - b.begins)
}

async function addRows(
  store: Store,
  filter: Filter,
  { subject, conditions, parts, by = 'all' }: Asked,
  range: Piece,
  tallyOf: (key: string) => Tally | undefined,
): Promise<void> {
  const { sql, parameters } = conditions(filter, range)
  const whereSessions = (dialect: Dialect) =>
    `session_id IN (SELECT session_id FROM ${subject.table} WHERE ${sql(dialect)})`
  const wanted = parts.map((name) => subject.parts[name]!)
  const { question, answersOf } = questionOf(wanted, {
    ...{ table: subject.table, key: by === 'all' ? "''" : 'path', where: sql },
    whereSessions: isAboutPages(filter) ? whereSessions : undefined,
    keysIn: by instanceof Set ? 'paths' : undefined,
  })
  const [row] = await store.read<Record<string, string | null>>(question, { ...parameters, ...pathsOf(by) })
  for (const [at, part] of wanted.entries()) {
    for (const answer of answersOf(row!, at)) {
      const tally = tallyOf(answer.key)
      if (tally) part.add(tally, answer)
    }
  }
}

/** The parameter for those pages that are asked for. */
const pathsOf = (by: By): Parameters => (by instanceof Set ? { paths: JSON.stringify([...by]) } : {})

function levelFor(filter: Filter, { by, spanMs }: { by: By; spanMs: number }): Level {
  const pages = by !== 'all' || isAboutPages(filter)
  const devices = filter.device !== undefined || filter.bots === 'exclude'
  if (!pages) return devices ? 'device' : 'site'
  return devices || !hasLevel(spanMs, 'page') ? 'page-device' : 'page'
}
