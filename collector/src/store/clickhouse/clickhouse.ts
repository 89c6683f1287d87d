import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { Question, Store } from '../store.ts'
import { prepareChanges } from './changes.ts'
import { createDatabase } from './database.ts'
import { prepareHistory } from './history.ts'
import { migrate } from './migrate.ts'
import { prepareViews } from './views.ts'

/** The store at `http://user:password@host:8123/database`; the database must be there, the tables need not. */
export const openClickHouseStore = (url: string): Promise<Store> =>
  // Its own log would have what it sends; what goes wrong reaches ours without.
  createClickHouseStore(createClient({ url, log: { level: ClickHouseLogLevel.OFF } }))

/** Opens the store that a client leads to, creating or upgrading it. */
export async function createClickHouseStore(client: ClickHouseClient): Promise<Store> {
  const database = createDatabase(client)
  await migrate(database)
  const { forget, ...changes } = prepareChanges(database)
  return {
    ...prepareViews(database),
    ...changes,
    ...prepareHistory(database, forget),
    portion: 100_000, // each deletion rewrites what it touches: the fewer the better
    read: <Row>({ clickhouse }: Question, parameters: Parameters<Store['read']>[1]) =>
      database.read<Row>(clickhouse, parameters),
    async check() {
      await database.read('SELECT 1 AS one')
    },
    close: () => database.close(),
  }
}
