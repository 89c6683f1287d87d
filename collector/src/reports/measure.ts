import { question } from '../store/question.ts'
import type { Level, Store } from '../store/store.ts'
import type { SESSION_PARTS } from '../tallies/session-parts.ts'
import { SESSIONS, type Subject, VIEWS } from '../tallies/subject.ts'
import { addInto, type Tally } from '../tallies/tally.ts'
import { cover, DAY_MS, type Piece, QUARTER_MS, TIERS } from '../tallies/tiers.ts'
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

/** What is asked. `by`: a tally for everything, or one for each page. */
interface Asked {
  subject: Subject
  conditions: (filter: Filter, range: Pick<Filter, 'from' | 'to'>) => Conditions
  parts: readonly string[]
  by?: 'all' | 'path'
}

/** What the views of a filter say together, under '' or by path. */
export const measureViews = (
  store: Store,
  filter: Filter,
  parts: readonly (keyof typeof VIEW_PARTS)[],
  by: 'all' | 'path' = 'all',
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
  const days = starts.slice(1).map((): Tally => Object.create(null))
  const whole = { ...filter, from: starts[0]!, to: starts.at(-1)! }
  const spanMs = starts.every((at) => at % DAY_MS === 0) ? DAY_MS : QUARTER_MS
  const done = knowsEnough(filter, asked) ? Math.min(await store.rolledUpTo(spanMs), whole.to) : whole.from

  let day = 0
  for (const { begins, tally } of await readRollups(store, filter, asked, { spanMs, from: whole.from, to: done })) {
    while (begins >= starts[day + 1]!) day += 1
    addInto(days[day]!, JSON.parse(tally) as Tally)
  }
  for (const [at, tally] of days.entries()) {
    const range = { spanMs: 0, from: Math.max(starts[at]!, done), to: starts[at + 1]! }
    if (range.from < range.to) await addRows(store, filter, asked, range, () => tally)
  }
  return days
}

/** What is older from roll-ups, where these know enough, what is newer from the rows themselves. */
async function measure(store: Store, filter: Filter, asked: Asked): Promise<Map<string, Tally>> {
  const measures = new Map<string, Tally>()
  const tallyOf = (key: string): Tally => {
    const tally = measures.get(key) ?? (Object.create(null) as Tally)
    measures.set(key, tally)
    return tally
  }
  for (const piece of await piecesOf(store, filter, asked)) {
    if (piece.spanMs === 0) await addRows(store, filter, asked, piece, tallyOf)
    else {
      const rollups = await readRollups(store, filter, asked, piece)
      for (const { key, tally } of rollups) addInto(tallyOf(key), JSON.parse(tally) as Tally)
    }
  }
  return measures
}

function knowsEnough(filter: Filter, { subject, by = 'all' }: Asked): boolean {
  return isCoarse(filter) && (subject.levels.includes('page') || (by === 'all' && !isAboutPages(filter)))
}

async function piecesOf(store: Store, filter: Filter, asked: Asked): Promise<Piece[]> {
  const { from, to } = filter
  if (!knowsEnough(filter, asked)) return [{ spanMs: 0, from, to }]
  const done = await Promise.all(TIERS.map(async (spanMs) => [spanMs, await store.rolledUpTo(spanMs)] as const))
  return cover(from, to, new Map(done))
}

interface RollupRow {
  key: string
  begins: number
  tally: string
}

/** In order of time. */
async function readRollups(
  store: Store,
  filter: Filter,
  { subject, by = 'all' }: Asked,
  { spanMs, from, to }: Piece,
): Promise<RollupRow[]> {
  if (from >= to) return []
  const { sql, parameters } = rollupConditions(filter, { from, to })
  const asked = question(
    (dialect) => `
    SELECT ${by === 'path' ? 'path' : "''"} AS key, begins_at AS begins, tally
    FROM rollups
    WHERE subject = :subject AND level = :level AND span_ms = :spanMs AND ${sql(dialect)}
    ORDER BY begins_at`,
  )
  return store.read(asked, { ...parameters, subject: subject.name, level: levelFor(filter, by), spanMs })
}

async function addRows(
  store: Store,
  filter: Filter,
  { subject, conditions, parts, by = 'all' }: Asked,
  range: Piece,
  tallyOf: (key: string) => Tally,
): Promise<void> {
  const { sql, parameters } = conditions(filter, range)
  const keys = { columns: `${by === 'path' ? 'path' : "''"} AS key`, names: 'key' }
  for (const name of parts) {
    const part = subject.parts[name]!
    const asked = question((dialect) => {
      const where = sql(dialect)
      const whole = `session_id IN (SELECT session_id FROM ${subject.table} WHERE ${where})`
      return part.sql(dialect, keys, { where, whereSessions: isAboutPages(filter) ? whole : where })
    })
    for (const row of await store.read<{ key: string }>(asked, parameters)) part.add(tallyOf(row.key), row)
  }
}

function levelFor(filter: Filter, by: 'all' | 'path'): Level {
  const pages = by === 'path' || isAboutPages(filter)
  const devices = filter.device !== undefined || filter.bots === 'exclude'
  if (pages) return devices ? 'page-device' : 'page'
  return devices ? 'device' : 'site'
}
