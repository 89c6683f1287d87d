import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { openSqliteStore } from '../../collector/src/store/sqlite/sqlite.ts'
import type { Engine } from './made.ts'
import type { Plan } from './plan.ts'

// Views and sessions as the collector stores them, made by SQL alone: a hundred times as fast as sending them. All of it
// follows from the numbers of sessions and views, so that it is the same each time.

const PRIME = 2 ** 31 - 1

/** A number from 0 to 1 that follows from a session, a view and a salt, and in no order that could be seen. */
function even(salt: number, view = '0'): string {
  const place = `((i * 48271 + ${view} * 715225739 + ${(salt * 1_103_515_245) % PRIME}) % ${PRIME})`
  return `((${place} * ${place}) % ${PRIME} * ${place} % ${PRIME} / ${PRIME}.0)`
}

const idOf = (salt: number, view = '0') =>
  `printf('%08x%08x%08x%08x', ${even(salt, view)} * 4294967291, ${even(salt + 1, view)} * 4294967291, i, ${view})`

const bucket = (ms: string) => `CASE WHEN ${ms} > 0 THEN 1 + CAST(floor(ln(${ms}) / ln(1.02)) AS INTEGER) ELSE 0 END`

const SESSIONS = `
  WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last),
  s AS (
    SELECT i, ${idOf(1)} AS session_id, :from + i * :everyMs AS started_at, 1 + CAST(${even(3)} * 5 AS INTEGER) AS view_count,
           'visitor-' || CAST(${even(4)} * :visitors AS INTEGER) AS visitor_id,
           CASE WHEN ${even(5)} < 0.6 THEN 'desktop' WHEN ${even(5)} < 0.95 THEN 'mobile' ELSE 'tablet' END AS device,
           CASE WHEN ${even(6)} < 0.02 THEN 1 ELSE 0 END AS is_bot,
           CASE WHEN ${even(7)} < 0.3 THEN 'campaign-' || CAST(${even(8)} * 20 AS INTEGER) ELSE '' END AS campaign,
           CASE WHEN ${even(9)} < 0.5 THEN 'referrer-' || CAST(${even(10)} * 50 AS INTEGER) ELSE '' END AS referrer
    FROM n
  )`

const VIEWS = `
  ${SESSIONS},
  m(view) AS (VALUES (0), (1), (2), (3), (4)),
  v AS (
    SELECT s.*, view, ${idOf(20, 'view')} AS view_id, started_at + view * 60000 AS began_at,
           '/page-' || CAST(exp(3 * ln(${even(22, 'view')} + 1e-9)) * 500 AS INTEGER) AS path,
           500 + CAST(-ln(${even(23, 'view')} + 1e-9) * 40000 AS INTEGER) AS visible_ms
    FROM s JOIN m ON view < view_count
  ),
  t AS (SELECT *, visible_ms * 6 / 10 AS engaged_ms, visible_ms + 5000 AS total_ms FROM v)
  INSERT INTO views (view_id, seq, session_id, site, path, started_at, total_ms, visible_ms, engaged_ms, received_at, skew_ms,
                     record, began_at, weight, visible_bucket, engaged_bucket, page_group, referrer, campaign, device, is_bot,
                     via, threshold, timers)
  SELECT view_id, 3, session_id, 'docs', path, began_at, total_ms, visible_ms, engaged_ms, began_at + total_ms + 100, 40,
         '{"site":"docs","client":"ScriptTag","viewId":"' || view_id || '","seq":3,"sessionId":"' || session_id ||
         '","sessionStartedAt":' || started_at || ',"lastActivityAt":' || (began_at + visible_ms) ||
         ',"sessionTimeoutMs":1860000,"maxSessionMs":43200000,"heartbeatMs":60000,"visitorId":"' || visitor_id ||
         '","path":"' || path || '","title":"A page with a title of usual length","startedAt":' || began_at ||
         ',"totalMs":' || total_ms || ',"visibleMs":' || visible_ms || ',"engagedMs":' || engaged_ms ||
         ',"state":"hidden","reason":"hidden","spans":[["engaged",0,' || engaged_ms || '],["idle",' || engaged_ms || ',' ||
         visible_ms || '],["hidden",' || visible_ms || ',' || total_ms || ']],"endReason":"leave","samplingRate":1,' ||
         '"samplingUnit":"session","scrollDepth":0.5,"activity":{"pointer":12,"key":0,"scroll":9,"touch":0,"media":0}}',
         began_at, 1, ${bucket('visible_ms')}, ${bucket('engaged_ms')}, 'lesson', referrer, campaign, device, is_bot,
         CASE WHEN view = view_count - 1 THEN 'beacon' ELSE 'fetch' END,
         CASE WHEN engaged_ms >= 30000 THEN 30 WHEN engaged_ms >= 10000 THEN 10 ELSE 0 END,
         CASE WHEN ${even(24, 'view')} < 0.01 THEN '{"lesson-1":[60000,52000,41000]}' ELSE '' END
  FROM t`

const SESSION_ROWS = `
  ${SESSIONS},
  t AS (SELECT *, view_count * 60000 AS duration_ms, CAST(view_count * 50000 * ${even(30)} AS INTEGER) AS visible_ms FROM s)
  INSERT INTO sessions (session_id, site, user_id, visitor_id, person, started_at, ended_at, last_activity_at, duration_ms,
                        total_ms, visible_ms, engaged_ms, duration_bucket, visible_bucket, engaged_bucket, sampling_rate,
                        weight, status, end_reason, component_name, alive_until, heartbeat_ms, view_count, entry_path,
                        exit_path, page_group, referrer, campaign, device, is_bot, skew_ms, breaks, tenths)
  SELECT session_id, 'docs', NULL, visitor_id, visitor_id, started_at, started_at + duration_ms, started_at + duration_ms,
         duration_ms, duration_ms, visible_ms, visible_ms * 6 / 10, ${bucket('duration_ms')}, ${bucket('visible_ms')},
         ${bucket('(visible_ms * 6 / 10)')}, 1, 1, 'success', 'inactivity', 'docs', 0, 60000, view_count,
         '/page-' || CAST(exp(3 * ln(${even(22, '0')} + 1e-9)) * 500 AS INTEGER),
         '/page-' || CAST(exp(3 * ln(${even(22, '(view_count - 1)')} + 1e-9)) * 500 AS INTEGER), 'lesson', referrer, campaign, device,
         is_bot, 0, CASE WHEN ${even(31)} < 0.5 THEN '[["hidden",5000,' || CAST(1000 + ${even(32)} * 90000 AS INTEGER) || ']]'
         ELSE '[]' END, '[' || duration_ms / 20 || ',1000,1000,1000,1000,1000,1000,1000,1000,' || duration_ms / 20 || ']'
  FROM t`

/** Sessions per statement. */
const PORTION = 100_000

const fileIn = (directory: string) => join(directory, 'dwelltime.db')

export const SQLITE: Engine = {
  async fill(directory, plan) {
    const file = fileIn(directory)
    await openSqliteStore(file).close()
    fillFile(file, plan)
  },
  open: async (directory) => {
    const file = fileIn(directory)
    return { store: openSqliteStore(file), bytes: () => statSync(file).size }
  },
}

/** Into a file that has the collector's schema and nothing else. */
function fillFile(file: string, { sessions, from, everyMs }: Plan): void {
  const db = new Database(file)
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -1500000')
  const indexes = db
    .prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('views', 'sessions')",
    )
    .all() as { name: string; sql: string }[]
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`)
  const visitors = Math.ceil(sessions / 3)
  for (let first = 0; first < sessions; first += PORTION) {
    const range = { first, last: Math.min(first + PORTION, sessions) - 1, from, everyMs, visitors }
    db.prepare(VIEWS).run(range)
    db.prepare(SESSION_ROWS).run(range)
  }
  for (const { sql } of indexes) db.exec(sql)
  db.exec('ANALYZE')
  db.close()
}
