import type Database from 'libsql'
import { type KeptRow, keptBefore, sessionRow } from '../session-row.ts'
import type { ChangedSession, Count, Keeping } from '../store.ts'
import { receivedView, VIEW_COLUMNS, type ViewRow } from '../view-row.ts'
import { inTransaction } from './transaction.ts'

/** What the keeper reads and saves. */
export function prepareChanges(db: Database.Database) {
  const lastChange = db.prepare('SELECT coalesce(max(position), 0) AS position FROM changed_sessions')
  const changedSessions = db.prepare(`
    SELECT changed.position, changed.session_id, changed.is_remeasure, sessions.site, sessions.component_name,
           sessions.status
    FROM changed_sessions AS changed LEFT JOIN sessions USING (session_id)
    WHERE changed.position <= :upTo
    ORDER BY changed.position LIMIT :limit`)
  const viewsOfSession = db.prepare(`SELECT ${VIEW_COLUMNS} FROM views WHERE session_id = :sessionId`)
  const markQuiet = db.prepare(`
    INSERT INTO changed_sessions (session_id)
    SELECT session_id FROM sessions
    WHERE status = 'open' AND alive_until <= :now - :graceMs AND alive_until + heartbeat_ms <= :now
      AND session_id NOT IN (SELECT session_id FROM changed_sessions)
    ORDER BY alive_until LIMIT :limit
    RETURNING position`)

  const claimChange = db.prepare('DELETE FROM changed_sessions WHERE position = :position')
  const upsertSession = db.prepare(`
    INSERT OR REPLACE INTO sessions (
      session_id, site, user_id, visitor_id, started_at, ended_at, last_activity_at, duration_ms, total_ms,
      visible_ms, engaged_ms, sampling_rate, status, end_reason, component_name, alive_until, heartbeat_ms, person,
      weight, duration_bucket, visible_bucket, engaged_bucket, view_count, entry_path, exit_path, page_group,
      referrer, campaign, device, is_bot, skew_ms, breaks, tenths)
    VALUES (
      :sessionId, :site, :userId, :visitorId, :startedAt, :endedAt, :lastActivityAt, :durationMs, :totalMs,
      :visibleMs, :engagedMs, :samplingRate, :status, :endReason, :componentName, :aliveUntil, :heartbeatMs, :person,
      :weight, :durationBucket, :visibleBucket, :engagedBucket, :viewCount, :entryPath, :exitPath, :pageGroup,
      :referrer, :campaign, :device, :isBot, :skewMs, :breaks, :tenths)`)
  const addPerson = db.prepare('INSERT OR IGNORE INTO people (id, session_id) VALUES (:id, :sessionId)')
  const addCount = db.prepare(`
    INSERT INTO counters (name, labels, value) VALUES (:name, :labels, :value)
    ON CONFLICT (name, labels) DO UPDATE SET value = value + excluded.value`)
  const counters = db.prepare('SELECT name, labels, value FROM counters ORDER BY name, labels')

  const keep = inTransaction(db, (keepings: readonly Keeping[]): void => {
    for (const { position, session, counts } of keepings) {
      if (claimChange.run({ position }).changes === 0) continue // changed again, or kept by another look
      upsertSession.run(sessionRow(session))
      for (const id of session.people) addPerson.run({ id, sessionId: session.sessionId })
      for (const { name, labels, value } of counts) addCount.run({ name, labels: inOrder(labels), value })
    }
  })

  return {
    async lastChange() {
      const [row] = lastChange.all() as [{ position: number }]
      return row.position
    },
    async changedSessions(upTo: number, limit: number) {
      const rows = changedSessions.all({ upTo, limit }) as ChangedRow[]
      return rows.map(
        (row): ChangedSession => ({
          position: row.position,
          views: (viewsOfSession.all({ sessionId: row.session_id }) as ViewRow[]).map(receivedView),
          kept: keptBefore(row),
          isRemeasure: row.is_remeasure === 1,
        }),
      )
    },
    async markQuiet(now: number, graceMs: number, limit: number) {
      const rows = markQuiet.all({ now, graceMs, limit }) as { position: number }[]
      return rows.map((row) => row.position)
    },
    async keep(keepings: readonly Keeping[]) {
      keep(keepings)
      return true
    },
    async counters() {
      const rows = counters.all() as { name: string; labels: string; value: number }[]
      return rows.map((row): Count => ({ ...row, labels: JSON.parse(row.labels) }))
    },
  }
}

interface ChangedRow extends KeptRow {
  position: number
  session_id: string
  is_remeasure: number
}

const inOrder = (labels: Record<string, string>) => JSON.stringify(labels, Object.keys(labels).sort())
