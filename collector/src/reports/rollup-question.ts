import { type Dialect, questionOfEach } from '../store/question.ts'
import type { Level, Parameters, Shelf } from '../store/store.ts'
import type { Subject } from '../tallies/subject.ts'
import { DAY_MS, hasLevel, type Piece } from '../tallies/tiers.ts'
import { type Filter, isAboutPages, rollupConditions } from './filter.ts'

/** A tally for everything, one for each page, or one for each of these pages. */
export type By = 'all' | 'path' | ReadonlySet<string>

export interface AskedOfRollups {
  subject: Subject
  parts: readonly string[]
  by: By
}

/** A piece, or those roll-ups in it that begin at one of some instants. */
export type Stretch = Piece & { beginnings?: readonly number[] }

/** Some of the roll-ups that are asked for: one seek in the key of a table. */
interface Seek {
  table: (dialect: Dialect) => string
  /** Of a day or more: a tally may have hundreds of numbers. */
  isLong: boolean
  where: (dialect: Dialect) => string
}

/** Asks for the tallies of pieces, in rows of a key, when it begins, and the tally, or what it would have in columns. */
export function questionOfRollups(filter: Filter, { subject, parts, by }: AskedOfRollups, pieces: readonly Stretch[]) {
  const { sql, parameters } = rollupConditions(filter)
  const shelves = [...new Set(parts.map((name): Shelf => subject.parts[name]!.shelf))]
  const level = (spanMs: number) => levelFor(filter, { by, spanMs })
  const settled = pieces.flatMap(({ spanMs, generation, beginnings }, at): Seek[] => {
    if (generation !== undefined) return []
    const ofThese = (dialect: Dialect) => (beginnings ? `AND ${dialect.isOneOf('begins_at', `beginnings${at}`)}` : '')
    return shelves.map((shelf) => ({
      table: (dialect) => dialect.rollups,
      isLong: spanMs >= DAY_MS,
      where: (dialect) => `shelf = '${shelf}' AND level = '${level(spanMs)}' AND span_ms = ${spanMs}
        AND begins_at >= :from${at} AND begins_at < :to${at} ${ofThese(dialect)}`,
    }))
  })
  const generations = pieces.flatMap(({ generation }) => generation ?? [])
  const fresh = shelves.map(
    (shelf): Seek => ({
      table: () => 'fine_fresh_rollups',
      isLong: true,
      where: (dialect) => `shelf = '${shelf}' AND level = '${level(DAY_MS)}'
        AND ${dialect.isIn('generation', 'generations')}`,
    }),
  )
  const seeks = [...settled, ...(generations.length > 0 ? fresh : [])]

  const key = `${by === 'all' ? "''" : 'path'} AS key`
  const tallies = `${key}, begins_at AS begins, tally`
  const select = (dialect: Dialect, columns: string, table: string, where: string) => `
    SELECT ${columns}
    FROM ${table}
    ${dialect.whereKey} (${where}) AND ${sql(dialect)} ${by instanceof Set ? `AND ${dialect.isIn('path', 'paths')}` : ''}`
  // SQLite makes one seek after the other; ClickHouse finds all of them at once, and each SELECT costs.
  const selects = (dialect: Dialect, columns: string, seeks: readonly Seek[]) =>
    [...new Set(seeks.map(({ table }) => table(dialect)))].map((table) => {
      const wheres = seeks.filter((seek) => seek.table(dialect) === table).map(({ where }) => `(${where(dialect)})`)
      return select(dialect, columns, table, wheres.join(' OR '))
    })
  const sums = pieces.some(({ beginnings }) => beginnings) ? undefined : sumsOf(subject, parts)
  const question = questionOfEach({
    sqlite: (dialect) =>
      seeks.map(({ table, where }) => select(dialect, tallies, table(dialect), where(dialect))).join(' UNION ALL '),
    clickhouse(dialect) {
      if (!sums) return selects(dialect, tallies, seeks).join(' UNION ALL ')
      const rows = selects(
        dialect,
        `${key}, ${sums.columns}`,
        seeks.filter(({ isLong }) => isLong),
      )
      const others = selects(
        dialect,
        `${tallies}, ${sums.none}`,
        seeks.filter(({ isLong }) => !isLong),
      )
      return [...others, ...(rows.length > 0 ? [sums.over(rows.join(' UNION ALL '))] : [])].join(' UNION ALL ')
    },
  })

  const ranges = pieces.map(({ from, to, beginnings }, at) => ({
    ...{ [`from${at}`]: from, [`to${at}`]: to },
    ...(beginnings && { [`beginnings${at}`]: JSON.stringify(beginnings) }),
  }))
  const all: Parameters = Object.assign(
    { ...parameters, ...pathsOf(by), ...(generations.length > 0 && { generations: JSON.stringify(generations) }) },
    ...ranges,
  )
  return { question, parameters: all }
}

/**
 * How ClickHouse adds up the parts by itself, if it has columns for all of them: one row of sums for each key. In the order
 * of keys, since each sum has hundreds of numbers: in that of time it would go from one to the other with every row.
 */
function sumsOf({ parts: known }: Subject, parts: readonly string[]) {
  const all = parts.flatMap((name) => known[name]!.columns ?? [])
  if (all.length < parts.length) return undefined
  const numbers = all.flatMap((part) => part.numbers ?? [])
  const bins = all.flatMap((part) => part.bins ?? [])
  const sums = [
    ...numbers.map((name) => `sum(${name}) AS ${name}`),
    ...bins.map((name) => `sumMap(${name}) AS ${name}`),
  ]
  return {
    columns: [...numbers.map((name) => `numbers.${name} AS ${name}`), ...bins].join(', '),
    over: (rows: string) => `
      SELECT key, 0 AS begins, '' AS tally,
        ${[...numbers, ...bins.map((name) => `(mapKeys(${name}), mapValues(${name})) AS ${name}`)]}
      FROM (
        SELECT key, ${sums} FROM (SELECT * FROM (${rows}) ORDER BY key) GROUP BY key
        SETTINGS aggregate_functions_null_for_empty = 0
      )`,
    /** Of a row that has a tally instead. */
    none: [...numbers.map((name) => `0 AS ${name}`), ...bins.map((name) => `([], []) AS ${name}`)].join(', '),
  }
}

/** The parameter for those pages that are asked for. */
export const pathsOf = (by: By): Parameters => (by instanceof Set ? { paths: JSON.stringify([...by]) } : {})

export function levelFor(filter: Filter, { by, spanMs }: { by: By; spanMs: number }): Level {
  const pages = by !== 'all' || isAboutPages(filter)
  const devices = filter.device !== undefined || filter.bots === 'exclude'
  if (!pages) return devices ? 'device' : 'site'
  return devices || !hasLevel(spanMs, 'page') ? 'page-device' : 'page'
}
