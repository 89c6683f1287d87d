import { DAY_MS, FOUR_WEEKS_MS, WEEK_MS } from '../../tallies/tiers.ts'
import type { Limits, Parameters, Rollups } from '../store.ts'
import { TIERS_NOTED, tierName, tiersOf } from '../tier-name.ts'
import { personHash, sessionHash, visitorHash } from '../tombstones.ts'
import type { ClickHouseDatabase } from './database.ts'
import type { Touch } from './fresh-days.ts'
import { ROLLUPS_AT_ONCE, rollupRow } from './rollup-row.ts'

const LONG = [DAY_MS, WEEK_MS, FOUR_WEEKS_MS]

/** What goes in time, what is left of it, and what somebody wants to be gone. */
export function prepareHistory(
  database: ClickHouseDatabase,
  touch: Touch,
  forget: (sessionIds: readonly string[]) => Promise<void>,
) {
  /** Their days change with the deletion, which may take long: said before, for who does not come to the end, and after. */
  async function forgetSessions(sessionIds: readonly string[]): Promise<void> {
    if (sessionIds.length === 0) return
    const touched = await touch(sessionIds)
    const parameters = { sessionIds: JSON.stringify(sessionIds) }
    await database.deleteWhere('views', `session_id IN (${LIST})`, parameters)
    await database.deleteWhere('ingest_log', `session_id IN (${LIST})`, parameters)
    await forget(sessionIds)
    await touched()
  }

  const forgetWhere = async (table: string, condition: string, parameters: Parameters) => {
    const [row] = await database.read<{ amount: number }>(
      `SELECT count(*) AS amount FROM ${table} WHERE ${condition}`,
      parameters,
    )
    if (row!.amount > 0) await database.deleteWhere(table, condition, parameters) // rewriting costs, even nothing
  }
  /** With all their versions: else one from when they were open came back. */
  async function forgetFacts(from: number): Promise<void> {
    const closed = await database.read<{ id: string }>(
      `SELECT id FROM kept WHERE kind = 'fact' AND is_open = 0 AND at < :from`,
      { from },
    )
    if (closed.length === 0) return
    const ids = JSON.stringify(closed.map(({ id }) => id))
    await database.deleteWhere('kept', `kind = 'fact' AND has(JSONExtract(:ids, 'Array(String)'), id)`, { ids })
  }

  /**
   * What there is of the longest roll-ups, of which reports read most: each part that a question touches costs. Without
   * it they take longer and say the same; what a server does not finish while we wait it goes on with.
   */
  async function mergeLong(): Promise<void> {
    for (const spanMs of LONG) {
      await database.command(`OPTIMIZE TABLE tier_rollups PARTITION ${spanMs} FINAL`).catch(() => {})
    }
  }

  const forgetOld = (table: string, column: string, from: number) => forgetWhere(table, `${column} < :from`, { from })

  return {
    rolledUpTo: async () => tiersOf(await database.read<{ name: string; value: number }>(TIERS_NOTED)),
    /** In this order: what was saved without the last line is saved again, and is the same. */
    async saveRollups({ spanMs, upTo, rows }: Rollups): Promise<void> {
      for (let at = 0; at < rows.length; at += ROLLUPS_AT_ONCE) {
        await database.insert(
          'tier_rollups',
          rows.slice(at, at + ROLLUPS_AT_ONCE).map((row) => ({ ...rollupRow(row), span_ms: spanMs })),
        )
      }
      await database.insert('state', [{ name: tierName(spanMs), value: upTo }])
      if (spanMs === FOUR_WEEKS_MS) await mergeLong()
    },
    async prune(limits: Limits, portion: number): Promise<number> {
      const rows = await database.read<{ session_id: string }>(
        `SELECT session_id FROM sessions WHERE started_at < :from AND status <> 'open'
         ORDER BY started_at, session_id LIMIT :portion`,
        { from: limits.sessionsFrom, portion },
      )
      await forgetSessions(rows.map((row) => row.session_id))
      await forgetOld('set_aside', 'received_at', limits.asideFrom)
      await forgetOld('intake', 'quarter_at', limits.intakeFrom)
      await forgetOld('tombstones', 'deleted_at', limits.tombstonesFrom)
      await forgetFacts(limits.factsFrom)
      return rows.length
    },
    /** The tombstones first: nothing may come in between. */
    async deleteUser(id: string, now: number): Promise<{ sessions: number; views: number }> {
      const told = await database.read<{ session_id: string }>(
        'SELECT DISTINCT session_id FROM views WHERE user_id = :id OR visitor_id = :id ORDER BY session_id',
        { id },
      )
      const sessionIds = told.map((row) => row.session_id)
      const views = await database.read<{ visitor_id: string; amount: number }>(
        `SELECT visitor_id, count(*) AS amount FROM views WHERE session_id IN (${LIST}) GROUP BY visitor_id`,
        { sessionIds: JSON.stringify(sessionIds) },
      )
      const visitors = views.flatMap((row) => row.visitor_id || [])
      const hashes = [personHash(id), ...sessionIds.map(sessionHash), ...visitors.map(visitorHash)]
      await database.insert(
        'tombstones',
        hashes.map((hash) => ({ hash, deleted_at: now })),
      )
      await forgetSessions(sessionIds)
      await database.deleteWhere(
        'set_aside',
        `JSONExtractString(record, 'userId') = :id OR JSONExtractString(record, 'visitorId') = :id`,
        { id },
      )
      await forgetWhere('kept', `kind = 'fact' AND person = :id`, { id })
      return { sessions: sessionIds.length, views: views.reduce((sum, row) => sum + row.amount, 0) }
    },
  }
}

const LIST = `SELECT arrayJoin(JSONExtract(:sessionIds, 'Array(String)'))`
