import type { Question } from './store.ts'

/** What the same question says differently to each store; everything else is SQL that both take the same way. */
export interface Dialect {
  /** Whether a view began from one instant, a parameter or a sum of some, to before another; the column as it is asked. */
  began(from: string, to: string, column?: string): string
  /** Behind a SELECT that takes a version of a row for it that holds no more: where that is only of less use. */
  loosely: string
  /** WHERE, of conditions on nothing but the key of a table. */
  whereKey: string
  /** Whether a column matches a page pattern; the parameters come from `pagePattern` with the same name. */
  matchesPage(column: string, name: string): string
  /** Whether a session of the table `sessions` has a view of which these conditions on `views` are true. */
  hasViews(conditions: string): string
  /** A source of rows `item`, one for each element of a JSON array in a column: goes behind the table's name. */
  eachOf(column: string): string
  /** The text or number at a place, from 0, of the `item` that `eachOf` gives, itself a JSON array. */
  textAt(place: number): string
  numberAt(place: number): string
  /** The number at a place, from 0, of a column that is a JSON array; 0 if it is shorter. */
  numberIn(column: string, place: number): string
  /** All rows, or those of a condition, as one text: JSON, an array of arrays of columns. Null, also in JSON, or `[]`: none. */
  listOf(columns: readonly string[], condition?: string): string
  /** One column of all rows, as they are ordered, as one text: JSON, an array. */
  valuesOf(column: string): string
  /** Whether a text column is in a list; the parameter is a JSON array. */
  isIn(column: string, parameter: string): string
  /** The same for whole numbers. */
  isOneOf(column: string, parameter: string): string
}

const began = (from: string, to: string, column = 'began_at') => `${column} >= ${from} AND ${column} < ${to}`

const SQLITE: Dialect = {
  began,
  loosely: '',
  whereKey: 'WHERE',
  matchesPage: (column, name) => `${column} GLOB :${name}Glob`,
  hasViews: (conditions) =>
    `EXISTS (SELECT 1 FROM views WHERE views.session_id = sessions.session_id AND ${conditions})`,
  eachOf: (column) => `, json_each(${column}) AS item`,
  textAt: (place) => `json_extract(item.value, '$[${place}]')`,
  numberAt: (place) => `json_extract(item.value, '$[${place}]')`,
  numberIn: (column, place) => `coalesce(json_extract(${column}, '$[${place}]'), 0)`,
  listOf: (columns, condition) =>
    `json_group_array(json_array(${columns.join(', ')}))${condition ? ` FILTER (WHERE ${condition})` : ''}`,
  valuesOf: (column) => `json_group_array(${column})`,
  isIn: (column, parameter) => `${column} IN (SELECT value FROM json_each(:${parameter}))`,
  isOneOf: (column, parameter) => `${column} IN (SELECT value FROM json_each(:${parameter}))`,
}

/** What `views` is partitioned by: the same in every version of a view, which `began_at` need not be. */
const MONTH = 'toYYYYMM(fromUnixTimestamp64Milli(started_at))'

const CLICKHOUSE: Dialect = {
  // Nothing is read of months from which no version of a view began then.
  began: (from, to) => `${began(from, to)}
    AND ${MONTH} IN (SELECT DISTINCT ${MONTH} FROM views WHERE ${began(from, to)} SETTINGS final = 0)`,
  loosely: 'SETTINGS final = 0',
  whereKey: 'PREWHERE', // before versions are compared, and before anything else is read
  matchesPage: (column, name) => `${column} LIKE :${name}Like`,
  hasViews: (conditions) => `sessions.session_id IN (SELECT session_id FROM views WHERE ${conditions})`,
  eachOf: (column) => ` ARRAY JOIN JSONExtractArrayRaw(${column}) AS item`,
  textAt: (place) => `JSONExtractString(item, ${place + 1})`,
  numberAt: (place) => `JSONExtractInt(item, ${place + 1})`,
  numberIn: (column, place) => `JSONExtractInt(${column}, ${place + 1})`,
  listOf: (columns, condition) =>
    condition
      ? `toJSONString(groupArrayIf(tuple(${columns.join(', ')}), ${condition}))`
      : `toJSONString(groupArray(tuple(${columns.join(', ')})))`,
  valuesOf: (column) => `toJSONString(groupArray(${column}))`,
  isIn: (column, parameter) => `${column} IN (JSONExtract(:${parameter}, 'Array(String)'))`,
  isOneOf: (column, parameter) => `${column} IN (JSONExtract(:${parameter}, 'Array(Int64)'))`,
}

/** One statement, written once, in the dialect of every store. Values are parameters, `:name`, never part of it. */
export const question = (sql: (dialect: Dialect) => string): Question => ({
  sqlite: sql(SQLITE),
  clickhouse: sql(CLICKHOUSE),
})

/** What the stores are better asked in different ways. */
export const questionOfEach = (sql: Record<keyof Question, (dialect: Dialect) => string>): Question => ({
  sqlite: sql.sqlite(SQLITE),
  clickhouse: sql.clickhouse(CLICKHOUSE),
})

/** The parameters of an exact path, or of one with `*` for any characters; what else a store finds special is escaped. */
export const pagePattern = (name: string, page: string): Record<string, string> => ({
  [`${name}Glob`]: page.replace(/[?[]/g, '[$&]'),
  [`${name}Like`]: page.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%'),
})
