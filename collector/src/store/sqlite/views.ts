import type Database from 'libsql'
import { clockCorrectionMs } from '../../sessions/clock-correction.ts'
import type { Intake, Outcome, ReceivedView } from '../store.ts'
import { isDeleted, sessionHash } from '../tombstones.ts'
import { STORED_COLUMNS, viewValues } from '../view-row.ts'
import type { Beginnings } from './beginnings.ts'
import type { FreshDaysInside } from './fresh-days.ts'
import { inTransaction } from './transaction.ts'

interface Inside {
  tombstones: Map<string, number>
  fresh: FreshDaysInside
  beginnings: Beginnings
}

/** A view's key, and its session, never change. */
const CHANGING_COLUMNS = STORED_COLUMNS.filter((column) => column !== 'view_id' && column !== 'session_id')

/** What comes in. */
export function prepareViews(db: Database.Database, { tombstones, fresh, beginnings }: Inside) {
  const upsertView = db.prepare(`
    INSERT INTO views (${STORED_COLUMNS}) VALUES (${STORED_COLUMNS.map(() => '?')})
    ON CONFLICT (view_id) DO UPDATE SET
      ${CHANGING_COLUMNS.map((column) => `${column} = excluded.${column}`)}
    WHERE excluded.seq > views.seq AND excluded.session_id = views.session_id`)
  const storedView = db.prepare('SELECT seq, session_id, via FROM views WHERE view_id = :viewId')
  const markChanged = db.prepare(`
    INSERT OR REPLACE INTO changed_sessions (session_id) SELECT value FROM json_each(?) WHERE true`)
  const addTombstone = db.prepare('INSERT OR IGNORE INTO tombstones (hash, deleted_at) VALUES (:hash, :deletedAt)')

  const addIntake = db.prepare(`
    INSERT INTO intake (quarter_at, site, name, amount) VALUES (:quarterAt, :site, :name, :amount)
    ON CONFLICT (quarter_at, site, name) DO UPDATE SET amount = amount + excluded.amount`)
  const addAside = db.prepare(`
    INSERT INTO set_aside (received_at, site, reason, record) VALUES (:receivedAt, :site, :reason, :record)`)

  function put(view: ReceivedView): Outcome {
    if (isDeleted(view, tombstones)) return refuse(view)
    if (upsertView.run(viewValues(view)).changes === 1) return 'stored'
    const { viewId, sessionId, seq } = view.record
    const [stored] = storedView.all({ viewId }) as [{ seq: number; session_id: string; via: string }]
    if (stored.session_id !== sessionId) return 'conflict'
    if (stored.seq !== seq) return 'late'
    return stored.via === 'beacon' && view.via === 'fetch' ? 'resent' : 'duplicate'
  }

  /** The rest of its session goes the same way, whoever it names. */
  function refuse({ record, receivedAt }: ReceivedView): Outcome {
    const hash = sessionHash(record.sessionId)
    if (!tombstones.has(hash)) {
      tombstones.set(hash, receivedAt)
      addTombstone.run({ hash, deletedAt: receivedAt })
    }
    return 'deleted'
  }

  const append = inTransaction(db, (batch: readonly ReceivedView[]) => {
    const before = fresh.stored(batch.map((view) => view.record.sessionId))
    const outcomes = batch.map(put)
    const stored = batch.filter((_, index) => outcomes[index] === 'stored')
    fresh.spoil(stored.map(({ record, skewMs }) => record.startedAt + clockCorrectionMs(skewMs)))
    const bySession = newestBySession(stored)
    fresh.spoil(before.filter(({ session_id }) => bySession.has(session_id)).map(({ day }) => day))
    const changes = beginnings.keepNew(bySession)
    if (bySession.size > 0) markChanged.run(JSON.stringify([...bySession.keys()]))
    return { outcomes, changes }
  })

  const noteIntake = inTransaction(db, ({ counts, aside }: Intake): void => {
    for (const count of counts) addIntake.run({ ...count })
    for (const { record, ...note } of aside) addAside.run({ ...note, record: JSON.stringify(record) })
  })

  return {
    async append(batch: readonly ReceivedView[]) {
      const { outcomes, changes } = append(batch)
      beginnings.tell(changes)
      return outcomes
    },
    noteIntake: async (intake: Intake) => noteIntake(intake),
  }
}

/** Of a view that came more than once, what was stored last is its newest. */
function newestBySession(stored: readonly ReceivedView[]): Map<string, ReceivedView[]> {
  const newest = new Map(stored.map((view) => [view.record.viewId, view]))
  const bySession = new Map<string, ReceivedView[]>()
  for (const view of newest.values()) {
    const { sessionId } = view.record
    const views = bySession.get(sessionId)
    if (views) views.push(view)
    else bySession.set(sessionId, [view])
  }
  return bySession
}
