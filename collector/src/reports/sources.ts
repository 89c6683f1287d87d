import { type Dialect, questionOfEach } from '../store/question.ts'
import type { Level, Parameters, Shelf, Store } from '../store/store.ts'
import { questionOf } from '../tallies/part-question.ts'
import type { Subject } from '../tallies/subject.ts'
import type { Tally, WrittenTally } from '../tallies/tally.ts'
import { DAY_MS, hasLevel, type Piece } from '../tallies/tiers.ts'
import { type Conditions, type Filter, isAboutPages, rollupConditions } from './filter.ts'

/** What measures are made of: roll-ups, and rows where there are none. One question each, however much is asked. */

/** A tally for everything, one for each page, or one for each of these pages. */
export type By = 'all' | 'path' | ReadonlySet<string>

/** What is asked. */
export interface Asked {
  subject: Subject
  conditions: (filter: Filter, range: Pick<Filter, 'from' | 'to'>) => Conditions
  parts: readonly string[]
  by: By
}

/** A piece, or those roll-ups in it that begin at one of some instants. */
export type Stretch = Piece & { beginnings?: readonly number[] }

interface MadeTally {
  key: string
  begins: number
  tally: WrittenTally
}

/** The roll-ups of all pieces, of each shelf that has what is asked, each as it is wanted: all at once are much to hold. */
export async function readRollups(
  store: Store,
  filter: Filter,
  { subject, parts, by }: Asked,
  pieces: readonly Stretch[],
): Promise<Iterable<MadeTally>> {
  if (pieces.length === 0) return []
  const { sql, parameters } = rollupConditions(filter)
  const shelves = [...new Set(parts.map((name): Shelf => subject.parts[name]!.shelf))]
  const settled = (dialect: Dialect) =>
    pieces.flatMap(({ spanMs, generation, beginnings }, at) => {
      if (generation !== undefined) return []
      const ofThese = beginnings ? `AND ${dialect.isOneOf('begins_at', `beginnings${at}`)}` : ''
      return shelves.map(
        (shelf) => `shelf = '${shelf}' AND level = '${levelFor(filter, { by, spanMs })}' AND span_ms = ${spanMs}
        AND begins_at >= :from${at} AND begins_at < :to${at} ${ofThese}`,
      )
    })
  // Of a whole day each.
  const generations = pieces.flatMap(({ generation }) => generation ?? [])
  const fresh = (dialect: Dialect) =>
    shelves.map(
      (shelf) => `shelf = '${shelf}' AND level = '${levelFor(filter, { by, spanMs: DAY_MS })}'
        AND ${dialect.isIn('generation', 'generations')}`,
    )
  const select = (dialect: Dialect, table: string, stretch: string) => `
    SELECT ${by === 'all' ? "''" : 'path'} AS key, begins_at AS begins, tally
    FROM ${table}
    ${dialect.whereKey} (${stretch}) AND ${sql(dialect)} ${by instanceof Set ? `AND ${dialect.isIn('path', 'paths')}` : ''}`
  // SQLite seeks each stretch of the key by itself; ClickHouse finds all of them at once, and each SELECT costs.
  const anyOf = (stretches: readonly string[]) => stretches.map((stretch) => `(${stretch})`).join(' OR ')
  const asked = questionOfEach({
    sqlite: (dialect) =>
      settled(dialect)
        .map((stretch) => select(dialect, dialect.rollups, stretch))
        .join(' UNION ALL '),
    clickhouse: (dialect) =>
      Object.entries({
        [dialect.rollups]: settled(dialect),
        fine_fresh_rollups: generations.length > 0 ? fresh(dialect) : [],
      })
        .filter(([, stretches]) => stretches.length > 0)
        .map(([table, stretches]) => select(dialect, table, anyOf(stretches)))
        .join(' UNION ALL '),
  })
  const ranges = pieces.flatMap(({ from, to, beginnings }, at) =>
    Object.entries({
      ...{ [`from${at}`]: from, [`to${at}`]: to },
      ...(beginnings && { [`beginnings${at}`]: JSON.stringify(beginnings) }),
    }),
  )
  const rows = await store.read<MadeTally & { tally: string }>(asked, {
    ...{ ...parameters, ...Object.fromEntries(ranges), ...pathsOf(by) },
    ...(generations.length > 0 && { generations: JSON.stringify(generations) }),
  })
  return parsed(rows)
}

function* parsed(rows: readonly (MadeTally & { tally: string })[]): Generator<MadeTally> {
  for (const { key, begins, tally } of rows) yield { key, begins, tally: JSON.parse(tally) }
}

/** What the rows of a range say, into the tally of each key: an expression on them. */
export async function addRows(
  store: Store,
  filter: Filter,
  { subject, conditions, parts, by }: Asked,
  { key, ...range }: { key: string; from: number; to: number },
  tallyOf: (key: string) => Tally,
): Promise<void> {
  const { near, sql, parameters } = conditions(filter, range)
  const whereSessions = (dialect: Dialect) =>
    `session_id IN (SELECT session_id FROM ${near(dialect)} WHERE ${sql(dialect)})`
  const wanted = parts.map((name) => subject.parts[name]!)
  const { question, answersOf } = questionOf(wanted, {
    ...{ table: subject.table, near, key, where: sql },
    whereSessions: isAboutPages(filter) ? whereSessions : undefined,
    keysIn: by instanceof Set ? 'paths' : undefined,
    areHardToFind: subject.table === 'sessions' && isAboutPages(filter),
  })
  const [row] = await store.read<Record<string, string | null>>(question, { ...parameters, ...pathsOf(by) })
  for (const [at, part] of wanted.entries()) {
    for (const answer of answersOf(row!, at)) part.add(tallyOf(answer.key), answer)
  }
}

/** The parameter for those pages that are asked for. */
const pathsOf = (by: By): Parameters => (by instanceof Set ? { paths: JSON.stringify([...by]) } : {})

export function levelFor(filter: Filter, { by, spanMs }: { by: By; spanMs: number }): Level {
  const pages = by !== 'all' || isAboutPages(filter)
  const devices = filter.device !== undefined || filter.bots === 'exclude'
  if (!pages) return devices ? 'device' : 'site'
  return devices || !hasLevel(spanMs, 'page') ? 'page-device' : 'page'
}
