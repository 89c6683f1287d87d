import type Database from 'libsql'
import { DAY_MS, floorTo } from '../../tallies/tiers.ts'

/** What roll-ups of days that may still change need: to know at once when one does. Nobody else writes to this store. */
export function prepareFreshDays(db: Database.Database) {
  const noteDay = db.prepare('INSERT OR IGNORE INTO fresh_days (begins_at) VALUES (?)')
  const forgetDay = db.prepare('DELETE FROM fresh_days WHERE begins_at = ?')
  const daysOf = db.prepare(`
    SELECT session_id, began_at - began_at % ${DAY_MS} AS day FROM views
    WHERE session_id IN (SELECT value FROM json_each(:sessionIds))
    UNION
    SELECT session_id, started_at - started_at % ${DAY_MS} FROM sessions
    WHERE session_id IN (SELECT value FROM json_each(:sessionIds))`)

  const listed = db.prepare('SELECT begins_at FROM fresh_days').all() as { begins_at: number }[]
  const fresh = new Set(listed.map((row) => row.begins_at))
  const begun = new Set<number>()
  const isAny = () => fresh.size + begun.size > 0

  /** They are not what was rolled up any more. Inside the transaction that changes them. */
  function spoil(instants: Iterable<number>): void {
    for (const instant of instants) {
      const day = floorTo(instant, DAY_MS)
      begun.delete(day)
      if (fresh.delete(day)) forgetDay.run(day)
    }
  }

  return {
    spoil,
    /** Days on which these sessions have something, as stored now. What depends on others depends on its session. */
    stored(sessionIds: readonly string[]): { session_id: string; day: number }[] {
      if (!isAny() || sessionIds.length === 0) return []
      return daysOf.all({ sessionIds: JSON.stringify(sessionIds) }) as { session_id: string; day: number }[]
    },
    list: async () => [...fresh].map((day) => ({ day })),
    async begin(day: number) {
      begun.add(day)
    },
    /** Inside a transaction; false: it changed since it was begun. */
    end(day: number, save: () => void): boolean {
      if (!begun.delete(day)) return false
      save()
      noteDay.run(day)
      fresh.add(day)
      return true
    },
    /** Its transaction has failed. */
    drop: (day: number) => fresh.delete(day),
  }
}

export type FreshDaysInside = ReturnType<typeof prepareFreshDays>
