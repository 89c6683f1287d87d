import Database from 'libsql'
import init from './migrations/sqlite/0001-init.sql?raw'
import type { ChangedSession, Count, Keeping, KeptSession, Outcome, ReceivedView, Store } from './store.ts'
import { receivedView, type ViewRow, viewRow } from './view-row.ts'

/** In order, each applied once; `user_version` counts those applied. Never edit one that was released: add another. */
const MIGRATIONS = [init]

/** Opens the store in one file, creating or upgrading it; `:memory:` forgets everything on close. */
export function openSqliteStore(file: string): Store {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  // An answered post must survive the power cut, not only the crash: every commit reaches the disk.
  db.pragma('synchronous = FULL')
  migrate(db)

  const upsertView = db.prepare(`
    INSERT INTO views (view_id, seq, session_id, site, path, started_at, total_ms, visible_ms, engaged_ms,
                       received_at, skew_ms, record)
    VALUES (:viewId, :seq, :sessionId, :site, :path, :startedAt, :totalMs, :visibleMs, :engagedMs,
            :receivedAt, :skewMs, :record)
    ON CONFLICT (view_id) DO UPDATE SET
      seq = excluded.seq, site = excluded.site, path = excluded.path, started_at = excluded.started_at,
      total_ms = excluded.total_ms, visible_ms = excluded.visible_ms, engaged_ms = excluded.engaged_ms,
      received_at = excluded.received_at, skew_ms = excluded.skew_ms, record = excluded.record
    WHERE excluded.seq > views.seq AND excluded.session_id = views.session_id`)
  const storedView = db.prepare('SELECT seq, session_id FROM views WHERE view_id = :viewId')
  const markChanged = db.prepare('INSERT OR REPLACE INTO changed_sessions (session_id) VALUES (:sessionId)')

  const lastChange = db.prepare('SELECT coalesce(max(position), 0) AS position FROM changed_sessions')
  const changedSessions = db.prepare(`
    SELECT changed.position, changed.session_id, sessions.site, sessions.component_name, sessions.status
    FROM changed_sessions AS changed LEFT JOIN sessions USING (session_id)
    WHERE changed.position <= :upTo
    ORDER BY changed.position LIMIT :limit`)
  const viewsOfSession = db.prepare('SELECT record, received_at, skew_ms FROM views WHERE session_id = :sessionId')
  const markQuiet = db.prepare(`
    INSERT INTO changed_sessions (session_id)
    SELECT session_id FROM sessions
    WHERE status = 'open' AND alive_until <= :now - :graceMs AND alive_until + heartbeat_ms <= :now
      AND session_id NOT IN (SELECT session_id FROM changed_sessions)
    ORDER BY alive_until LIMIT :limit
    RETURNING position`)

  const claimChange = db.prepare('DELETE FROM changed_sessions WHERE position = :position')
  const upsertSession = db.prepare(`
    INSERT INTO sessions (session_id, site, user_id, visitor_id, started_at, ended_at, last_activity_at,
                          duration_ms, total_ms, visible_ms, engaged_ms, sampling_rate, status, end_reason,
                          component_name, alive_until, heartbeat_ms)
    VALUES (:sessionId, :site, :userId, :visitorId, :startedAt, :endedAt, :lastActivityAt,
            :durationMs, :totalMs, :visibleMs, :engagedMs, :samplingRate, :status, :endReason,
            :componentName, :aliveUntil, :heartbeatMs)
    ON CONFLICT (session_id) DO UPDATE SET
      user_id = excluded.user_id, visitor_id = excluded.visitor_id, started_at = excluded.started_at,
      ended_at = excluded.ended_at, last_activity_at = excluded.last_activity_at, duration_ms = excluded.duration_ms,
      total_ms = excluded.total_ms, visible_ms = excluded.visible_ms, engaged_ms = excluded.engaged_ms,
      sampling_rate = excluded.sampling_rate, status = excluded.status, end_reason = excluded.end_reason,
      alive_until = excluded.alive_until, heartbeat_ms = excluded.heartbeat_ms`)
  const addCount = db.prepare(`
    INSERT INTO counters (name, labels, value) VALUES (:name, :labels, :value)
    ON CONFLICT (name, labels) DO UPDATE SET value = value + excluded.value`)
  const counters = db.prepare('SELECT name, labels, value FROM counters ORDER BY name, labels')

  function put(view: ReceivedView): Outcome {
    if (upsertView.run(viewRow(view)).changes === 1) return 'stored'
    const { viewId, sessionId, seq } = view.record
    const [stored] = storedView.all({ viewId }) as [{ seq: number; session_id: string }]
    if (stored.session_id !== sessionId) return 'conflict'
    return stored.seq === seq ? 'duplicate' : 'late'
  }

  const append = db.transaction((batch: readonly ReceivedView[]): Outcome[] => {
    const outcomes = batch.map(put)
    const changed = new Set(
      batch.filter((_, index) => outcomes[index] === 'stored').map((view) => view.record.sessionId),
    )
    for (const sessionId of changed) markChanged.run({ sessionId })
    return outcomes
  }).immediate

  const keep = db.transaction((keepings: readonly Keeping[]): void => {
    for (const { position, session, counts } of keepings) {
      if (claimChange.run({ position }).changes === 0) continue // changed again, or kept by another look
      upsertSession.run(sessionRow(session))
      for (const { name, labels, value } of counts) addCount.run({ name, labels: inOrder(labels), value })
    }
  }).immediate

  return {
    append: async (batch) => append(batch),
    keep: async (keepings) => keep(keepings),

    async lastChange() {
      const [row] = lastChange.all() as [{ position: number }]
      return row.position
    },
    async changedSessions(upTo, limit) {
      const rows = changedSessions.all({ upTo, limit }) as ChangedRow[]
      return rows.map((row) => ({
        position: row.position,
        views: (viewsOfSession.all({ sessionId: row.session_id }) as ViewRow[]).map(receivedView),
        kept: keptBefore(row),
      }))
    },
    async markQuiet(now, graceMs, limit) {
      const rows = markQuiet.all({ now, graceMs, limit }) as { position: number }[]
      return rows.map((row) => row.position)
    },

    async counters() {
      const rows = counters.all() as { name: string; labels: string; value: number }[]
      return rows.map((row): Count => ({ ...row, labels: JSON.parse(row.labels) }))
    },
    read: async <Row>(question: { sqlite: string }, parameters: object) =>
      db.prepare(question.sqlite).all(parameters) as Row[],
    close() {
      db.pragma('wal_checkpoint(TRUNCATE)') // so that the one file is all that a copy needs
      db.close()
    },
  }
}

function migrate(db: Database.Database): void {
  const [row] = db.prepare('PRAGMA user_version').all() as [{ user_version: number }]
  if (row.user_version > MIGRATIONS.length) {
    throw new Error(`was written by a newer version (schema ${row.user_version}, known ${MIGRATIONS.length})`)
  }
  MIGRATIONS.slice(row.user_version).forEach((sql, index) => {
    const version = row.user_version + index + 1
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${version}; COMMIT`)
  })
}

interface ChangedRow {
  position: number
  session_id: string
  site: string | null
  component_name: string | null
  status: KeptSession['status'] | null
}

function sessionRow({ client: _, ...session }: KeptSession) {
  return session
}

const keptBefore = ({ site, component_name, status }: ChangedRow): ChangedSession['kept'] =>
  site !== null && component_name !== null && status !== null
    ? { site, componentName: component_name, status }
    : undefined

const inOrder = (labels: Record<string, string>) => JSON.stringify(labels, Object.keys(labels).sort())
