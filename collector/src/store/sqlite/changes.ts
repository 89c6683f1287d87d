import type Database from 'libsql'
import { type KeptRow, keptBefore, keptColumns, personOf, SESSION_COLUMNS, sessionValues } from '../session-row.ts'
import type { ChangedSession, Count, Keeping, ReceivedView } from '../store.ts'
import { receivedView, VIEW_COLUMNS, type ViewRow } from '../view-row.ts'
import { prepareFacts } from './facts.ts'
import type { FreshDaysInside } from './fresh-days.ts'
import { inTransaction } from './transaction.ts'

/** What the keeper reads and saves; `save` and `countersOf` are for those who are in a transaction already. */
export function prepareChanges(db: Database.Database, fresh: FreshDaysInside) {
  const lastChange = db.prepare('SELECT coalesce(max(position), 0) AS position FROM changed_sessions')
  const changedSessions = db.prepare(`
    SELECT changed.position, changed.session_id, changed.is_remeasure, ${keptColumns('sessions')}
    FROM changed_sessions AS changed LEFT JOIN sessions USING (session_id)
    WHERE changed.position <= :upTo
    ORDER BY changed.position LIMIT :limit`)
  const viewsOfSessions = db.prepare(`
    SELECT session_id, ${VIEW_COLUMNS} FROM views WHERE session_id IN (SELECT value FROM json_each(?))`)
  const markQuiet = db.prepare(`
    INSERT INTO changed_sessions (session_id)
    SELECT session_id FROM sessions
    WHERE status = 'open' AND alive_until <= :now - :graceMs AND alive_until + heartbeat_ms <= :now
      AND session_id NOT IN (SELECT session_id FROM changed_sessions)
    ORDER BY alive_until LIMIT :limit
    RETURNING position`)

  const claimChanges = db.prepare(`
    DELETE FROM changed_sessions WHERE position IN (SELECT value FROM json_each(?)) RETURNING position`)
  const upsertSession = db.prepare(`
    INSERT OR REPLACE INTO sessions (${SESSION_COLUMNS}) VALUES (${SESSION_COLUMNS.map(() => '?')})`)
  const addPerson = db.prepare('INSERT OR IGNORE INTO people (id, session_id) VALUES (?, ?)')
  const addCount = db.prepare(`
    INSERT INTO counters (name, labels, value) VALUES (?, ?, ?)
    ON CONFLICT (name, labels) DO UPDATE SET value = value + excluded.value`)
  const counters = db.prepare(`
    SELECT name, labels, value FROM counters
    WHERE :names IS NULL OR name IN (SELECT value FROM json_each(:names))
    ORDER BY name, labels`)
  const { insertFact, ...facts } = prepareFacts(db, addCounts)

  function addCounts(counts: readonly Count[]): void {
    for (const { name, labels, value } of sums(counts)) addCount.run([name, inOrder(labels), value])
  }

  /** Those that are neither changed again nor kept by another look. */
  function claim(keepings: readonly Keeping[]): Keeping[] {
    const positions = JSON.stringify(keepings.map(({ position }) => position))
    const claimed = new Set((claimChanges.all(positions) as { position: number }[]).map(({ position }) => position))
    return keepings.filter(({ position }) => claimed.has(position))
  }

  function save(keepings: readonly Keeping[]): void {
    fresh.spoil(fresh.stored(keepings.map(({ session }) => session.sessionId)).map(({ day }) => day))
    fresh.spoil(keepings.map(({ session }) => session.startedAt))
    for (const { session, facts } of keepings) {
      upsertSession.run(sessionValues(session))
      for (const id of session.people) if (id !== personOf(session)) addPerson.run(id, session.sessionId)
      for (const fact of facts) insertFact(fact)
    }
    addCounts(keepings.flatMap(({ counts }) => counts))
  }

  const keep = inTransaction(db, (keepings: readonly Keeping[]): number[] => {
    const claimed = claim(keepings)
    save(claimed)
    return claimed.map(({ position }) => position)
  })

  function countersOf(names?: readonly string[]): Count[] {
    const rows = counters.all({ names: names ? JSON.stringify(names) : null }) as SavedCount[]
    return rows.map((row) => ({ ...row, labels: JSON.parse(row.labels) }))
  }

  const changes = {
    async lastChange() {
      const [row] = lastChange.all() as [{ position: number }]
      return row.position
    },
    async changedSessions(upTo: number, limit: number) {
      const rows = changedSessions.all({ upTo, limit }) as ChangedRow[]
      const views = new Map(rows.map((row) => [row.session_id, [] as ReceivedView[]]))
      for (const row of viewsOfSessions.all(JSON.stringify([...views.keys()])) as (ViewRow & Of)[]) {
        views.get(row.session_id)!.push(receivedView(row))
      }
      return rows.map(
        (row): ChangedSession => ({
          position: row.position,
          views: views.get(row.session_id)!,
          kept: keptBefore(row),
          isRemeasure: row.is_remeasure === 1,
        }),
      )
    },
    async markQuiet(now: number, graceMs: number, limit: number) {
      const rows = markQuiet.all({ now, graceMs, limit }) as { position: number }[]
      return rows.map((row) => row.position)
    },
    keep: async (keepings: readonly Keeping[]) => keep(keepings),
    ...facts,
    counters: async (names?: readonly string[]) => countersOf(names),
  }
  return { changes, save, countersOf }
}

interface SavedCount extends Omit<Count, 'labels'> {
  labels: string
}

interface Of {
  session_id: string
}

interface ChangedRow extends KeptRow, Of {
  position: number
  is_remeasure: number
}

/** Most of what is counted is the same: one addition for each counter, or two if its labels came in two orders. */
function sums(counts: readonly Count[]): Iterable<Count> {
  const sums = new Map<string, Count>()
  for (const count of counts) {
    const key = `${count.name} ${JSON.stringify(count.labels)}`
    const sum = sums.get(key)
    if (sum) sum.value += count.value
    else sums.set(key, { ...count })
  }
  return sums.values()
}

const inOrder = (labels: Record<string, string>) => JSON.stringify(labels, Object.keys(labels).sort())
