import type { Dialect } from '../store/question.ts'
import type { Tally } from './tally.ts'

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
}

/** The usual one: some sums over the rows, grouped by one thing more. */
export const grouped = (table: string, by: string, sums: string, add: Part['add']): Part => ({
  sql: (_, keys, rows) => `
    SELECT ${keys.columns}, ${by} AS grouped_by, ${sums}
    FROM ${table}
    WHERE ${rows.where}
    GROUP BY ${keys.names}, grouped_by`,
  add,
})
