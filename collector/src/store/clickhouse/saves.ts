import { sessionHash } from '../tombstones.ts'
import type { ClickHouseDatabase } from './database.ts'
import type { Touch } from './fresh-days.ts'
import type { Lease } from './lease.ts'

/** More saves than one keeper makes; versions of a later epoch are above all of an earlier one. */
const SAVES_PER_EPOCH = 1e10

/** What is saved at once: rows of `kept`, and of which sessions they are. */
export interface Save {
  sessionIds: readonly string[]
  rows: readonly SavedRow[]
}

/** Any row of `kept`; a session has when it started. */
interface SavedRow {
  kind: string
  [column: string]: unknown
}

/**
 * Saves of the keeper, of which none counts that was made without knowing of a later keeper. ClickHouse has no
 * transaction to ask for that, so each save is written aside first, in one row. If no later keeper is seen after that,
 * the next one will see the row, and everything goes on from it; else nobody ever does. docs/adr/0007-many-collectors.md
 */
export function prepareSaves(database: ClickHouseDatabase, lease: Lease, touch: Touch) {
  let place: { epoch: number; count: number } | undefined

  async function apply(sessionIds: readonly string[], rows: readonly SavedRow[]): Promise<void> {
    const startedAt = rows.flatMap((row) => (row.kind === 'session' ? (row.started_at as number) : []))
    const touched = startedAt.length > 0 ? await touch(sessionIds, startedAt) : undefined
    await database.insert('kept', rows)
    // Looked at after writing, as deleting writes it before it deletes: one of the two sees the other.
    const deleted = await deletedOf(sessionIds)
    if (deleted.length === 0) return
    await forget(deleted)
    await touched?.()
  }

  async function deletedOf(sessionIds: readonly string[]): Promise<string[]> {
    const hashes = sessionIds.map(sessionHash)
    const rows = await database.read<{ hash: string }>(
      `SELECT hash FROM tombstones WHERE hash IN (JSONExtract(:hashes, 'Array(String)'))`,
      { hashes: JSON.stringify(hashes) },
    )
    const deleted = new Set(rows.map(({ hash }) => hash))
    return sessionIds.filter((_, at) => deleted.has(hashes[at]!))
  }

  /** Takes sessions out of what was kept, and out of what was about to be. */
  async function forget(sessionIds: readonly string[]): Promise<void> {
    const parameters = { sessionIds: JSON.stringify(sessionIds) }
    const list = `JSONExtract(:sessionIds, 'Array(String)')`
    await database.deleteWhere('saves', `hasAny(session_ids, ${list})`, parameters)
    await database.deleteWhere(
      'kept',
      `kind IN ('session', 'fact') AND session_id IN (SELECT arrayJoin(${list}))`,
      parameters,
    )
  }

  return {
    forget,

    /** Whether it is ours to save; the first time in a new place, what the keeper before had begun is finished. */
    async isOurs(): Promise<'still' | 'now' | 'no'> {
      const epoch = lease.epoch()
      if (epoch === undefined) {
        place = undefined
        return 'no'
      }
      if (place?.epoch === epoch) return 'still'
      const [last] = await database.read<{ version: number; session_ids: string[]; body: string }>(
        `SELECT version, session_ids, body FROM saves
         WHERE version > (SELECT coalesce(max(version), 0) FROM kept WHERE kind = 'position')
         ORDER BY version DESC LIMIT 1`,
      )
      if (last) await apply(last.session_ids, JSON.parse(last.body))
      place = { epoch, count: 0 }
      return 'now'
    },

    /** False: a later keeper has come, and nothing was saved. */
    async save({ sessionIds, rows }: Save): Promise<boolean> {
      const { epoch } = place!
      place!.count += 1
      const version = epoch * SAVES_PER_EPOCH + place!.count
      const written = rows.map((row) => ({ ...row, version }))
      try {
        await database.insert('saves', [{ epoch, version, session_ids: sessionIds, body: JSON.stringify(written) }])
        if (await lease.isLost()) return false
        await apply(sessionIds, written)
        return true
      } catch (error) {
        lease.drop() // nobody knows what became of it: in a new place we find out
        throw error
      }
    },
  }
}
