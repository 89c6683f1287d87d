import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { Question, Store } from '../store.ts'
import { OVERLAP_US, prepareChanges } from './changes.ts'
import { createDatabase } from './database.ts'
import { createTouch, prepareFreshDays } from './fresh-days.ts'
import { prepareHistory } from './history.ts'
import { createLease } from './lease.ts'
import { migrate } from './migrate.ts'
import { prepareSaves } from './saves.ts'
import { prepareViews } from './views.ts'

/** How long a migration may take, in ms: it may rewrite all that there is. */
const MIGRATION_MS = 6 * 60 * 60 * 1000

/** The store at `http://user:password@host:8123/database`; the database must be there, the tables need not. */
export async function openClickHouseStore(url: string): Promise<Store> {
  // Its own log would have what it sends; what goes wrong reaches ours without.
  const log = { level: ClickHouseLogLevel.OFF }
  const patient = createDatabase(createClient({ url, log, request_timeout: MIGRATION_MS }))
  await migrate(patient).finally(patient.close)
  return createClickHouseStore(createClient({ url, log }))
}

/** Opens the store that a client leads to, creating or upgrading it; what was logged so long ago can be seen, in microseconds. */
export async function createClickHouseStore(client: ClickHouseClient, overlapUs = OVERLAP_US): Promise<Store> {
  const database = createDatabase(client)
  await migrate(database)
  const lease = createLease(database)
  const touch = createTouch(database)
  const saves = prepareSaves(database, lease, touch)
  const { forget, ...changes } = prepareChanges(database, saves)
  const history = prepareHistory(database, touch, async (sessionIds) => {
    await saves.forget(sessionIds)
    await forget(sessionIds)
  })
  return {
    ...prepareViews(database),
    ...changes,
    ...history,
    // Each deletion rewrites what it touches: the fewer the better; a server takes a list of 1 MiB.
    portion: 20_000,
    freshDays: prepareFreshDays(database, overlapUs),
    holdLease: lease.hold,
    isKeeper: () => lease.epoch() !== undefined,
    read: <Row>({ clickhouse }: Question, parameters: Parameters<Store['read']>[1]) =>
      database.read<Row>(clickhouse, parameters),
    async check() {
      await database.read('SELECT 1 AS one')
    },
    async close() {
      await lease.release()
      await database.close()
    },
  }
}
