import { setImmediate } from 'node:timers/promises'
import type Database from 'libsql'
import { DAY_MS } from '../../tallies/tiers.ts'
import type { FreshRollups, Limits, Rollup, Rollups } from '../store.ts'
import { TIERS_NOTED, tierName, tiersOf } from '../tier-name.ts'
import { personHash, sessionHash, visitorHash } from '../tombstones.ts'
import type { FreshDaysInside } from './fresh-days.ts'
import { inTransaction } from './transaction.ts'

/** Some ms, in which nobody else is served. */
const ROLLUPS_AT_ONCE = 1_000

/** What goes in time, what is left of it, and what somebody wants to be gone. */
export function prepareHistory(db: Database.Database, tombstones: Map<string, number>, fresh: FreshDaysInside) {
  const rolledUpTo = db.prepare(TIERS_NOTED)
  const saveRolledUpTo = db.prepare('INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)')
  const saveSome = db.prepare(`
    INSERT OR REPLACE INTO rollups (shelf, level, span_ms, begins_at, site, path, page_group, device, is_bot, tally)
    SELECT value ->> 0, value ->> 1, :spanMs, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
           value ->> 8
    FROM json_each(:rows)`)

  const forgetRollups = db.prepare(`
    DELETE FROM rollups
    WHERE shelf IN ('view', 'path', 'session', 'campaign', 'referrer', 'door')
      AND level IN ('site', 'device', 'page', 'page-device')
      AND span_ms = :spanMs AND begins_at >= :from AND begins_at < :upTo`)

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
    fresh.spoil(fresh.stored([sessionId]).map(({ day }) => day))
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

  async function saveRollups({ spanMs, from, upTo, rows }: Rollups): Promise<void> {
    makeRoom(spanMs, from, upTo)
    for (const portion of portionsOf(rows)) {
      saveSome.run({ spanMs, rows: portion })
      await setImmediate()
    }
    saveRolledUpTo.run(tierName(spanMs), upTo)
  }

  /** For what was left by a day that could still change, or by a save that was broken off: it may be of other keys. */
  const makeRoom = inTransaction(db, (spanMs: number, from: number, upTo: number): void => {
    if (spanMs === DAY_MS) for (let day = from; day < upTo; day += DAY_MS) fresh.spoil([day])
    forgetRollups.run({ spanMs, from, upTo })
  })

  const saveFreshDay = inTransaction(db, (day: number, tiers: FreshRollups): boolean =>
    fresh.end(day, () => {
      for (const { spanMs, rows } of tiers) {
        forgetRollups.run({ spanMs, from: day, upTo: day + DAY_MS })
        for (const portion of portionsOf(rows)) saveSome.run({ spanMs, rows: portion })
      }
    }),
  )

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
    rolledUpTo: async () => tiersOf(rolledUpTo.all() as { name: string; value: number }[]),
    saveRollups,
    freshDays: {
      list: fresh.list,
      renew: fresh.list,
      begin: fresh.begin,
      async save(day: number, tiers: FreshRollups) {
        try {
          return saveFreshDay(day, tiers)
        } catch (error) {
          fresh.drop(day)
          throw error
        }
      },
    },
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

function* portionsOf(rows: readonly Rollup[]): Generator<string> {
  for (let at = 0; at < rows.length; at += ROLLUPS_AT_ONCE) {
    yield JSON.stringify(rows.slice(at, at + ROLLUPS_AT_ONCE).map(listed))
  }
}

/** One text of many is bound sooner than many values. */
const listed = ({ shelf, level, at, site, path, pageGroup, device, isBot, tally }: Rollup) => [
  ...[shelf, level, at, site, path, pageGroup, device, isBot, tally],
]
