import { randomUUID } from 'node:crypto'
import { DAY_MS, floorTo } from '../../tallies/tiers.ts'
import type { FreshDay, FreshDays, FreshRollups } from '../store.ts'
import type { ClickHouseDatabase } from './database.ts'
import { ROLLUPS_AT_ONCE, rollupRow } from './rollup-row.ts'

const MINUTE_US = 60_000_000

/** What was seen to hold so long ago is not asked for any more: the log of all that time would have to be read. */
const HOLDS_FOR_US = 30 * MINUTE_US

/** When roll-ups have not held for so long, nobody reads them any more. */
const KEPT_FOR_US = 2 * HOLDS_FOR_US

/** A day that somebody's clock may take for over. */
const MAYBE_OVER_MS = 60 * 60 * 1000

interface Known extends FreshDay {
  generation: string
  seenTo: number
}

/**
 * Whoever changes a day says so in the ingest log first. So a day that was rolled up holds if the log has nothing of it
 * since somewhat before: what was logged then may not have been there yet to be rolled up.
 */
export function prepareFreshDays(database: ClickHouseDatabase, overlapUs: number): FreshDays {
  const begun = new Map<number, number>()

  async function clock(): Promise<number> {
    const [row] = await database.read<{ at: number }>('SELECT toUnixTimestamp64Micro(now64(6)) AS at')
    return row!.at
  }

  async function stated(): Promise<Known[]> {
    const rows = await database.read<{ day: number; generation: string; seen_to: number }>(STATED, {
      holdsForUs: HOLDS_FOR_US,
    })
    return rows.map(({ day, generation, seen_to }) => ({ day, generation, seenTo: seen_to }))
  }

  /** Those of which the log has nothing since. */
  async function holding(days: readonly Known[]): Promise<Known[]> {
    if (days.length === 0) return []
    const since = Math.min(...days.map(({ seenTo }) => seenTo)) - overlapUs
    const rows = await database.read<{ day: number; at: number }>(TOUCHED, { since, dayMs: DAY_MS })
    const touched = new Map(rows.map(({ day, at }) => [day, at]))
    return days.filter(({ day, seenTo }) => (touched.get(day) ?? Number.NEGATIVE_INFINITY) <= seenTo - overlapUs)
  }

  const state = (days: readonly Known[]) =>
    database.insert('fine_fresh_days', [
      {
        days: days.map(({ day }) => day),
        generations: days.map(({ generation }) => generation),
        seen_to: days.map(({ seenTo }) => seenTo),
      },
    ])

  /** What nobody has named for a while. */
  async function dropOld(): Promise<void> {
    const rows = await database.read<{ generation: string }>(FORGOTTEN, { keptForUs: KEPT_FOR_US })
    for (const { generation } of rows) {
      await database.command(`ALTER TABLE fine_fresh_rollups DROP PARTITION '${generation}'`)
    }
  }

  return {
    list: async () => holding(await stated()),
    async renew(first) {
      const at = await clock() // before: what is logged meanwhile is looked at again
      const mayChange = (await stated()).filter(({ day }) => day >= first)
      const days = (await holding(mayChange)).map((known) => ({ ...known, seenTo: at }))
      await state(days)
      await dropOld()
      return days
    },
    async begin(day) {
      begun.set(day, await clock())
    },
    async save(day: number, tiers: FreshRollups) {
      // Its rows answer for parts of a day quickly enough.
      const rows = tiers.find(({ spanMs }) => spanMs === DAY_MS)?.rows ?? []
      const seenTo = begun.get(day)!
      const generation = randomUUID()
      for (let at = 0; at < rows.length; at += ROLLUPS_AT_ONCE) {
        const portion = rows.slice(at, at + ROLLUPS_AT_ONCE).map(rollupRow)
        await database.insert(
          'fine_fresh_rollups',
          portion.map((row) => ({ ...row, generation })),
        )
      }
      const others = (await stated()).filter((known) => known.day !== day)
      const [known] = await holding([{ day, generation, seenTo }])
      if (!known) return false
      await state([...others, known])
      return true
    },
  }
}

/** Says in the log that the days of sessions change: of their views, of themselves and of these; answers how to say it again. */
export type Touch = (sessionIds: readonly string[], startedAt?: readonly number[]) => Promise<() => Promise<void>>

export const createTouch =
  (database: ClickHouseDatabase): Touch =>
  async (sessionIds, startedAt = []) => {
    const rows = await database.read<{ day: number }>(DAYS_OF, {
      ...{ sessionIds: JSON.stringify(sessionIds), dayMs: DAY_MS },
    })
    const days = new Set([...rows.map(({ day }) => day), ...startedAt.map((at) => floorTo(at, DAY_MS))])
    const isAny = [...days].some((day) => day + DAY_MS <= Date.now() + MAYBE_OVER_MS)
    const say = () => database.insert('ingest_log', isAny ? [{ session_id: '', days: [...days] }] : [])
    await say()
    return say
  }

/** The newest statement, one row for each day. */
const STATED = `
  SELECT day, generation, seen AS seen_to FROM (
    SELECT days, generations, seen_to FROM fine_fresh_days ORDER BY stated_at DESC LIMIT 1
  )
  ARRAY JOIN days AS day, generations AS generation, seen_to AS seen
  WHERE seen > toUnixTimestamp64Micro(now64(6)) - :holdsForUs`

/** Days that changed, and when the log last said so. Of views every version that is stored. */
const TOUCHED = `
  SELECT day, max(logged) AS at
  FROM (
    SELECT arrayJoin(days) AS day, logged_at AS logged FROM ingest_log WHERE logged_at > :since
    UNION ALL
    SELECT intDiv(began_at, :dayMs) * :dayMs AS day, logged
    FROM (
      SELECT session_id, began_at FROM views
      PREWHERE session_id IN (SELECT session_id FROM ingest_log WHERE logged_at > :since)
      SETTINGS final = 0
    ) AS stored
    JOIN (
      SELECT session_id AS of_session, max(logged_at) AS logged FROM ingest_log
      WHERE logged_at > :since GROUP BY session_id
    ) AS log ON of_session = stored.session_id
  ) AS changes
  GROUP BY day`

const LIST = `SELECT arrayJoin(JSONExtract(:sessionIds, 'Array(String)'))`

const DAYS_OF = `
  SELECT DISTINCT day FROM (
    SELECT intDiv(began_at, :dayMs) * :dayMs AS day FROM views PREWHERE session_id IN (${LIST})
    SETTINGS final = 0
    UNION ALL
    SELECT intDiv(started_at, :dayMs) * :dayMs AS day FROM kept PREWHERE kind = 'session' AND id IN (${LIST})
  )`

const FORGOTTEN = `
  SELECT DISTINCT generation FROM fine_fresh_rollups
  WHERE made_at < toUnixTimestamp64Micro(now64(6)) - :keptForUs
    AND generation NOT IN (
      SELECT arrayJoin(generations) FROM fine_fresh_days
      WHERE stated_at > toUnixTimestamp64Micro(now64(6)) - :keptForUs
    )`
