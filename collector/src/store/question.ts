import type { Question } from './store.ts'

/** What the same question says differently to each store; everything else is SQL that both take the same way. */
export interface Dialect {
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
  /** All rows as one text: JSON, an array of arrays of these columns. Null or `[]`: there are none. */
  listOf(columns: readonly string[]): string
  /** Whether a text column is in a list; the parameter is a JSON array. */
  isIn(column: string, parameter: string): string
  /** The same for whole numbers. */
  isOneOf(column: string, parameter: string): string
}

const SQLITE: Dialect = {
  matchesPage: (column, name) => `${column} GLOB :${name}Glob`,
  hasViews: (conditions) =>
    `EXISTS (SELECT 1 FROM views WHERE views.session_id = sessions.session_id AND ${conditions})`,
  eachOf: (column) => `, json_each(${column}) AS item`,
  textAt: (place) => `json_extract(item.value, '$[${place}]')`,
  numberAt: (place) => `json_extract(item.value, '$[${place}]')`,
  numberIn: (column, place) => `coalesce(json_extract(${column}, '$[${place}]'), 0)`,
  listOf: (columns) => `json_group_array(json_array(${columns.join(', ')}))`,
  isIn: (column, parameter) => `${column} IN (SELECT value FROM json_each(:${parameter}))`,
  isOneOf: (column, parameter) => `${column} IN (SELECT value FROM json_each(:${parameter}))`,
}

const CLICKHOUSE: Dialect = {
  matchesPage: (column, name) => `${column} LIKE :${name}Like`,
  hasViews: (conditions) => `sessions.session_id IN (SELECT session_id FROM views WHERE ${conditions})`,
  eachOf: (column) => ` ARRAY JOIN JSONExtractArrayRaw(${column}) AS item`,
  textAt: (place) => `JSONExtractString(item, ${place + 1})`,
  numberAt: (place) => `JSONExtractInt(item, ${place + 1})`,
  numberIn: (column, place) => `JSONExtractInt(${column}, ${place + 1})`,
  listOf: (columns) => `toJSONString(groupArray(tuple(${columns.join(', ')})))`,
  isIn: (column, parameter) => `has(JSONExtract(:${parameter}, 'Array(String)'), ${column})`,
  // As a set, by which the engine can choose what to read.
  isOneOf: (column, parameter) => `${column} IN (SELECT arrayJoin(JSONExtract(:${parameter}, 'Array(Int64)')))`,
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
