import type Database from 'libsql'
import type { Limits, Rollups } from '../store.ts'
import { tierName } from '../tier-name.ts'
import { personHash, sessionHash, visitorHash } from '../tombstones.ts'
import { inTransaction } from './transaction.ts'

/** What goes in time, what is left of it, and what somebody wants to be gone. */
export function prepareHistory(db: Database.Database, tombstones: Map<string, number>) {
  const rolledUpTo = db.prepare('SELECT coalesce(max(value), 0) AS value FROM state WHERE name = ?')
  const saveRolledUpTo = db.prepare('INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)')
  const saveRollup = db.prepare(`
    INSERT OR REPLACE INTO rollups (subject, level, span_ms, begins_at, site, path, page_group, device, is_bot, tally)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)

  const oldSessions = db.prepare(`
    SELECT session_id FROM sessions WHERE started_at < :from AND status <> 'open' ORDER BY started_at LIMIT :portion`)
  const sessionsOf = db.prepare(`
    SELECT session_id FROM sessions WHERE person = :id
    UNION
    SELECT session_id FROM people WHERE id = :id
    UNION
    SELECT session_id FROM changed_sessions JOIN views USING (session_id)
    WHERE :id IN (json_extract(record, '$.userId'), json_extract(record, '$.visitorId'))`)
  const peopleOf = db.prepare(`
    SELECT json_extract(record, '$.userId') AS user_id, json_extract(record, '$.visitorId') AS visitor_id
    FROM views WHERE session_id = :sessionId`)
  const forgetSession = [
    db.prepare('DELETE FROM changed_sessions WHERE session_id = :sessionId'),
    db.prepare('DELETE FROM people WHERE session_id = :sessionId AND id IN (SELECT value FROM json_each(:ids))'),
    db.prepare('DELETE FROM sessions WHERE session_id = :sessionId'),
    db.prepare('DELETE FROM facts WHERE session_id = :sessionId'),
  ]
  const forgetViews = db.prepare('DELETE FROM views WHERE session_id = :sessionId')
  const forgetOld = {
    asideFrom: db.prepare('DELETE FROM set_aside WHERE received_at < :from'),
    intakeFrom: db.prepare('DELETE FROM intake WHERE quarter_at < :from'),
    tombstonesFrom: db.prepare('DELETE FROM tombstones WHERE deleted_at < :from'),
    factsFrom: db.prepare('DELETE FROM facts WHERE is_open = 0 AND at < :from'),
  }
  const forgetFacts = db.prepare('DELETE FROM facts WHERE person = :id')
  const forgetAside = db.prepare(`
    DELETE FROM set_aside WHERE :id IN (json_extract(record, '$.userId'), json_extract(record, '$.visitorId'))`)
  const addTombstone = db.prepare('INSERT OR REPLACE INTO tombstones (hash, deleted_at) VALUES (:hash, :deletedAt)')

  function forget(sessionId: string): { views: number; visitors: string[] } {
    const rows = peopleOf.all({ sessionId }) as { user_id: string | null; visitor_id: string | null }[]
    const ids = JSON.stringify(rows.flatMap((row) => [row.user_id, row.visitor_id]))
    const [changed, ofPeople, sessions, facts] = forgetSession
    changed!.run({ sessionId })
    ofPeople!.run({ sessionId, ids })
    sessions!.run({ sessionId })
    facts!.run({ sessionId })
    const visitors = rows.flatMap((row) => row.visitor_id || [])
    return { views: forgetViews.run({ sessionId }).changes, visitors }
  }

  const saveRollups = inTransaction(db, ({ spanMs, upTo, rows }: Rollups): void => {
    for (const { subject, level, at, site, path, pageGroup, device, isBot, tally } of rows) {
      saveRollup.run(subject, level, spanMs, at, site, path, pageGroup, device, isBot, tally)
    }
    saveRolledUpTo.run(tierName(spanMs), upTo)
  })

  const prune = inTransaction(db, (limits: Limits, portion: number): number => {
    const rows = oldSessions.all({ from: limits.sessionsFrom, portion }) as { session_id: string }[]
    for (const row of rows) forget(row.session_id)
    for (const [name, statement] of Object.entries(forgetOld)) {
      statement.run({ from: limits[name as keyof typeof forgetOld] })
    }
    return rows.length
  })

  const deleteUser = inTransaction(db, (id: string, now: number) => {
    const rows = sessionsOf.all({ id }) as { session_id: string }[]
    const hashes = [personHash(id)]
    let views = 0
    for (const { session_id } of rows) {
      const forgotten = forget(session_id)
      views += forgotten.views
      hashes.push(sessionHash(session_id), ...forgotten.visitors.map(visitorHash))
    }
    forgetAside.run({ id })
    forgetFacts.run({ id })
    for (const hash of hashes) addTombstone.run({ hash, deletedAt: now })
    return { answer: { sessions: rows.length, views }, hashes }
  })

  return {
    async rolledUpTo(spanMs: number) {
      const [row] = rolledUpTo.all(tierName(spanMs)) as [{ value: number }]
      return row.value
    },
    saveRollups: async (rollups: Rollups) => saveRollups(rollups),
    async prune(limits: Limits, portion: number) {
      const pruned = prune(limits, portion)
      for (const [hash, deletedAt] of tombstones) if (deletedAt < limits.tombstonesFrom) tombstones.delete(hash)
      return pruned
    },
    async deleteUser(id: string, now: number) {
      const { answer, hashes } = deleteUser(id, now)
      for (const hash of hashes) tombstones.set(hash, now)
      db.pragma('wal_checkpoint(TRUNCATE)') // else the log still had it
      return answer
    },
  }
}
