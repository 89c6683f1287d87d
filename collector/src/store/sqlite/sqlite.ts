import Database from 'libsql'
import type { Keeper } from '../../sessions/keeper.ts'
import type { Question, Store } from '../store.ts'
import { prepareBeginnings } from './beginnings.ts'
import { prepareChanges } from './changes.ts'
import { prepareFreshDays } from './fresh-days.ts'
import { prepareHistory } from './history.ts'
import { migrate } from './migrate.ts'
import { createReadProcesses } from './read-process.ts'
import { prepareViews } from './views.ts'

/** How long to wait for whoever copies the file. */
const BUSY_TIMEOUT_MS = 5_000

/** Ids are random: with less, each record would read the pages of the indexes that it goes into anew. */
const CACHE_KIB = 32 * 1024

/** Pages that the log may hold before it is copied: what changes often, as the ends of tables, is copied once. */
const CHECKPOINT_PAGES = 4_000

/** Anybody may ask whether we can store; each time that we try costs a write. */
const CHECK_EVERY_MS = 1_000

/** Sessions deleted at once: some ms, in which nothing can be stored. */
export const PORTION = 500

/**
 * Opens the store in one file, creating or upgrading it; `:memory:` forgets everything on close. Sessions that begin with
 * a batch are kept in its own transaction by this keeper, if there is one.
 */
export function openSqliteStore(file: string, keeper?: Keeper): Store {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  // An answered post must survive the power cut, not only the crash: every commit reaches the disk.
  db.pragma('synchronous = FULL')
  db.pragma(`cache_size = -${CACHE_KIB}`)
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  db.pragma('secure_delete = ON') // what was deleted is overwritten, not only forgotten
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
  try {
    migrate(db)
  } catch (error) {
    db.close()
    throw error
  }

  const tombstones = new Map(
    (db.prepare('SELECT hash, deleted_at FROM tombstones').all() as { hash: string; deleted_at: number }[]).map(
      (row) => [row.hash, row.deleted_at],
    ),
  )
  const tryStoring = db.prepare(`
    INSERT INTO state (name, value) VALUES ('checks', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`)
  const fresh = prepareFreshDays(db)
  let storedAt = Number.NEGATIVE_INFINITY
  const reader = file === ':memory:' ? undefined : createReadProcesses(file)

  const { changes, ...saving } = prepareChanges(db, fresh)
  const beginnings = prepareBeginnings(db, saving, keeper)

  return {
    ...prepareViews(db, { tombstones, fresh, beginnings }),
    ...changes,
    ...prepareHistory(db, tombstones, fresh),
    portion: PORTION,
    // Its directory's lock is the lease: nobody else has this store.
    holdLease: async () => true,
    isKeeper: () => true,

    async read<Row>({ sqlite }: Question, parameters: object) {
      const rows = reader ? await reader.ask(sqlite, parameters) : db.prepare(sqlite).all(parameters)
      return rows as Row[]
    },
    async check() {
      if (performance.now() - storedAt < CHECK_EVERY_MS) return
      tryStoring.run() // a lock is had on a full disk, too
      storedAt = performance.now()
    },
    async close() {
      await reader?.stop()
      db.pragma('wal_checkpoint(TRUNCATE)') // so that the one file is all that a copy needs
      db.close()
    },
  }
}

/** Copies the store as it is at one instant, while somebody else may be writing to it. */
export function backupSqlite(file: string, copy: string): void {
  const db = new Database(file)
  try {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    db.prepare('VACUUM INTO :copy').run({ copy })
  } finally {
    db.close()
  }
}
