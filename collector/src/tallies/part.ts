import type { Dialect } from '../store/question.ts'
import type { Level, Shelf } from '../store/store.ts'
import { add, type Tally } from './tally.ts'

/** By what rows are put together. */
export interface Keys {
  /** With their names, for SELECT. */
  columns: string
  /** Only the names, for GROUP BY. */
  names: string
}

/** Which rows of `views` or `sessions`. */
export interface Rows {
  where: string
  /** The same, and every other view of the sessions that they are of: what a view was in its session needs them. */
  whereSessions: string
}

/** One aspect of views or sessions: how it is asked of the rows, and how an answer goes into the tally of its keys. */
export interface Part {
  sql(dialect: Dialect, keys: Keys, rows: Rows): string
  // biome-ignore lint/suspicious/noExplicitAny: each part knows what it asked for
  add(tally: Tally, row: any): void
  /** The same for a single view or session. */
  // biome-ignore lint/suspicious/noExplicitAny: a part is of views or of sessions, and is only given its own
  addOne(tally: Tally, item: any): void
  /** Among which roll-ups it is kept: who asks for it reads these, whole. */
  shelf: Shelf
  /** On which levels roll-ups have it. */
  levels: readonly Level[]
}

/** What an answer of one column for each of these sums is made of. */
type Sums = Record<string, string>

/** The usual one: some sums over the rows, grouped by one thing more. */
export const grouped = (
  table: string,
  by: string,
  sums: Sums,
  { add, addOne, shelf, levels }: Omit<Part, 'sql'>,
): Part => ({
  sql: (_, keys, rows) => `
    SELECT ${keys.columns}, ${by} AS grouped_by, ${Object.entries(sums).map(([name, of]) => `sum(${of}) AS ${name}`)}
    FROM ${table}
    WHERE ${rows.where}
    GROUP BY ${keys.names}, grouped_by`,
  add,
  addOne,
  shelf,
  levels,
})

/** Under which name a tally, and a single view or session, has how often something is so. */
export const factName = (fact: string) => `fact_${fact}` as const

/** How many of each fact, which is the condition that counts. */
export function facts(
  table: string,
  conditions: Record<string, string>,
  { shelf, levels }: Pick<Part, 'shelf' | 'levels'>,
): Part {
  const names = Object.keys(conditions).map(factName)
  function addAll(tally: Tally, row: Record<string, number>): void {
    for (const name of names) add(tally, name, row[name]!)
  }
  return grouped(table, '0', factColumns(conditions), { add: addAll, addOne: addAll, shelf, levels })
}

/** 1 where it is so, else 0; by `factName`. */
export const factColumns = (conditions: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(conditions).map(([fact, condition]) => [factName(fact), `CASE WHEN ${condition} THEN 1 ELSE 0 END`]),
  )
