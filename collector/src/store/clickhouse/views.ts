import { createTurns } from '../../in-turn.ts'
import { clockCorrectionMs } from '../../sessions/clock-correction.ts'
import { DAY_MS, floorTo } from '../../tallies/tiers.ts'
import type { Intake, Outcome, ReceivedView } from '../store.ts'
import { hashesOf, isDeleted, sessionHash } from '../tombstones.ts'
import { STORED_COLUMNS, viewValues } from '../view-row.ts'
import type { ClickHouseDatabase } from './database.ts'
import { snakeCase } from './snake-case.ts'

/** The newest that is known of a view. */
interface Newest {
  seq: number
  session_id: string
  via: string
  began_at: number
}

/** What comes in. */
export function prepareViews(database: ClickHouseDatabase) {
  async function newestOf(batch: readonly ReceivedView[]): Promise<Map<string, Newest>> {
    const viewIds = JSON.stringify([...new Set(batch.map((view) => view.record.viewId))])
    const rows = await database.read<Newest & { view_id: string }>(
      `SELECT view_id, seq, session_id, via, began_at FROM views WHERE view_id IN (JSONExtract(:viewIds, 'Array(String)'))`,
      { viewIds },
    )
    return new Map(rows.map(({ view_id, ...newest }) => [view_id, newest]))
  }

  async function tombstonesOf(batch: readonly ReceivedView[]): Promise<Map<string, number>> {
    const hashes = JSON.stringify([...new Set(batch.flatMap(hashesOf))])
    const rows = await database.read<{ hash: string; deleted_at: number }>(
      `SELECT hash, deleted_at FROM tombstones WHERE hash IN (JSONExtract(:hashes, 'Array(String)'))`,
      { hashes },
    )
    return new Map(rows.map((row) => [row.hash, row.deleted_at]))
  }

  /** What the views were is asked before: another collector may store one meanwhile; the highest `seq` wins anyway. */
  async function append(batch: readonly ReceivedView[]): Promise<Outcome[]> {
    const [newest, tombstones] = await Promise.all([newestOf(batch), tombstonesOf(batch)])
    const deleted = new Map<string, number>()
    const rows = new Map<string, ReceivedView>()
    const days = new Map<string, Set<number>>()
    const note = (sessionId: string, beganAt: number) => {
      const noted = days.get(sessionId) ?? new Set()
      days.set(sessionId, noted.add(floorTo(beganAt, DAY_MS)))
    }
    const outcomes = batch.map((view): Outcome => {
      const { viewId, sessionId, seq } = view.record
      if (isDeleted(view, tombstones)) {
        const hash = sessionHash(sessionId)
        if (!tombstones.has(hash)) deleted.set(hash, view.receivedAt)
        tombstones.set(hash, view.receivedAt) // the rest of its session goes the same way
        return 'deleted'
      }
      const stored = newest.get(viewId)
      if (stored && stored.session_id !== sessionId) return 'conflict'
      if (stored && stored.seq > seq) return 'late'
      if (stored?.seq === seq) return stored.via === 'beacon' && view.via === 'fetch' ? 'resent' : 'duplicate'
      const beganAt = view.record.startedAt + clockCorrectionMs(view.skewMs)
      // By a clock that was found to be wrong meanwhile it began on another day: of that one nothing else would tell.
      if (stored) note(sessionId, stored.began_at)
      note(sessionId, beganAt)
      newest.set(viewId, { seq, session_id: sessionId, via: view.via, began_at: beganAt })
      rows.set(viewId, view)
      return 'stored'
    })

    await database.insert(
      'tombstones',
      [...deleted].map(([hash, deleted_at]) => ({ hash, deleted_at })),
    )
    // The log first: whatever happens then, the keeper looks. It looks again for a while, if it was too early.
    await database.insert(
      'ingest_log',
      [...days].map(([session_id, noted]) => ({ session_id, days: [...noted] })),
    )
    await database.insert('views', [...rows.values()].map(rowOf))
    return outcomes
  }

  /** A batch of ours, however, is there before the next one asks. */
  const inTurn = createTurns()

  return {
    append: (batch: readonly ReceivedView[]) => inTurn(() => append(batch)),

    async noteIntake({ counts, aside }: Intake): Promise<void> {
      await database.insert('intake', counts.map(snakeCase))
      await database.insert(
        'set_aside',
        aside.map(({ record, ...note }) => ({ ...snakeCase(note), record: JSON.stringify(record) })),
      )
    },
  }
}

function rowOf(view: ReceivedView): object {
  const values = viewValues(view)
  const row = Object.fromEntries(STORED_COLUMNS.map((column, at) => [column, values[at]]))
  return { ...row, user_id: view.record.userId ?? '', visitor_id: view.record.visitorId ?? '' }
}
