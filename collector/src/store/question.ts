import type { Question } from './store.ts'

/** What the same question says differently to each store; everything else is SQL that both take the same way. */
export interface Dialect {
  /** Where those views are that began from one instant, a parameter or a sum of some, to before another, maybe among more. */
  viewsNear(from: string, to: string): string
  /** The same of few of them: of which a version fulfils these conditions. */
  viewsWith(conditions: string): string
  /** The same of sessions, be they few or many. */
  sessionsWith(conditions: string): string
  /** The same of those whose ids, `session_id`, a question answers. */
  sessionsAmong(ids: string): string
  /** The table of roll-ups that do not change any more. */
  rollups: string
  /** Sessions in all their versions. */
  sessionVersions: string
  /** Views of which conditions are true, if they are so of all versions of a view or of none. */
  newestViews(conditions: string): string
  /** Behind a SELECT that takes a version of a row for it that holds no more: where that is only of less use. */
  loosely: string
  /** WHERE, of conditions on nothing but the key of a table. */
  whereKey: string
  /** Whether a column matches a page pattern; the parameters come from `pagePattern` with the same name. */
  matchesPage(column: string, name: string): string
  /**
   * Whether a session of the table `sessions` has a view of which these conditions on `views` are true: asked of few
   * sessions, or of so many that such views are better looked for first.
   */
  hasViews(conditions: string, among: 'few' | 'many'): string
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
  /** Texts of all rows, as they are ordered, with commas between them. */
  joined(text: string): string
  /** A text column as JSON. */
  quoted(column: string): string
  /** Whether a text column is in a list; the parameter is a JSON array. */
  isIn(column: string, parameter: string): string
  /** The same for whole numbers. */
  isOneOf(column: string, parameter: string): string
}

const SQLITE: Dialect = {
  viewsNear: () => 'views',
  viewsWith: () => 'views',
  newestViews: (conditions) => `(SELECT * FROM views WHERE ${conditions}) AS views`,
  sessionsWith: () => 'sessions',
  sessionsAmong: () => 'sessions',
  rollups: 'rollups',
  sessionVersions: 'sessions',
  loosely: '',
  whereKey: 'WHERE',
  matchesPage: (column, name) => `${column} GLOB :${name}Glob`,
  hasViews: (conditions, among) =>
    among === 'few'
      ? `EXISTS (SELECT 1 FROM views WHERE views.session_id = sessions.session_id AND ${conditions})`
      : `+sessions.session_id IN (SELECT session_id FROM views WHERE ${conditions})`, // `+`: no index, it is not the few
  eachOf: (column) => `, json_each(${column}) AS item`,
  textAt: (place) => `json_extract(item.value, '$[${place}]')`,
  numberAt: (place) => `json_extract(item.value, '$[${place}]')`,
  numberIn: (column, place) => `coalesce(json_extract(${column}, '$[${place}]'), 0)`,
  listOf: (columns, condition) =>
    `json_group_array(json_array(${columns.join(', ')}))${condition ? ` FILTER (WHERE ${condition})` : ''}`,
  valuesOf: (column) => `json_group_array(${column})`,
  joined: (text) => `group_concat(${text})`,
  quoted: (column) => `json_quote(${column})`,
  isIn: (column, parameter) => `${column} IN (SELECT value FROM json_each(:${parameter}))`,
  isOneOf: (column, parameter) => `${column} IN (SELECT value FROM json_each(:${parameter}))`,
}

/** Of `started_at`, which all versions of a view have alike, as `began_at` they need not; partitions are made of it. */
const HOUR = 'intDiv(started_at, 3600000)'

/** Sessions, all versions of each, whose ids these are, as numbers. */
const sessionsOf = (hashes: string) =>
  `(SELECT * FROM kept PREWHERE kind = 'session' AND id_hash IN (${hashes})) AS sessions`

/**
 * The newest versions of sessions, where conditions are true of them. Not by `FINAL`, which compares what stands in the
 * order of ids: as they are stored in the order of time, but for those of which there is a later version somewhere.
 * (ClickHouse looks at no projection with `aggregate_functions_null_for_empty`.)
 */
const sessionsWith = (conditions: string) => `(
    SELECT stored.* FROM (SELECT *, id_hash FROM kept AS sessions WHERE kind = 'session' AND ${conditions}) AS stored
    LEFT JOIN (
      SELECT id_hash, max(version) AS newest FROM kept WHERE kind = 'session' AND version > (
        SELECT minOrNull(version) FROM kept AS sessions WHERE kind = 'session' AND ${conditions}
      ) GROUP BY id_hash
    ) AS later ON later.id_hash = stored.id_hash
    WHERE later.newest <= stored.version
    LIMIT 1 BY stored.id_hash
    SETTINGS final = 0, aggregate_functions_null_for_empty = 0
  ) AS sessions`

// Comparing the versions of all rows would take longest: first, those are left out of which no version is wanted.
const CLICKHOUSE: Dialect = {
  viewsNear: (from, to) => `(
    SELECT * FROM views PREWHERE ${HOUR} IN (
      SELECT DISTINCT ${HOUR} FROM views WHERE began_at >= ${from} AND began_at < ${to} SETTINGS final = 0
    )) AS views`,
  viewsWith: (conditions) => `(
    SELECT * FROM views PREWHERE started_at IN (SELECT started_at FROM views WHERE ${conditions} SETTINGS final = 0)
  ) AS views`,
  newestViews: (conditions) =>
    `(SELECT * FROM views WHERE ${conditions} ORDER BY seq DESC LIMIT 1 BY view_id SETTINGS final = 0) AS views`,
  sessionsWith,
  sessionsAmong: (ids) => sessionsOf(`SELECT cityHash64(session_id) FROM (${ids})`),
  rollups: 'tier_rollups',
  sessionVersions: `(
    SELECT * FROM kept PREWHERE kind = 'session' SETTINGS final = 0, aggregate_functions_null_for_empty = 0
  ) AS sessions`,
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
  joined: (text) => `arrayStringConcat(groupArray(${text}), ',')`,
  quoted: (column) => `toJSONString(${column})`,
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
