import { afterAll, beforeAll } from 'vitest'
import { createClickHouseStore } from '../../src/store/clickhouse/clickhouse.ts'
import { type ChDb, installChDb } from '../support/chdb.ts'
import { storeContract } from './store.contract.ts'

let chdb: ChDb

beforeAll(async () => {
  chdb = await installChDb()
}, 600_000)

afterAll(() => {
  clearInterval(beat)
  return chdb.stop()
}, 60_000)

/** Of the store that was opened last: a slow machine takes longer for a test than a silent keeper keeps its place. */
let beat: NodeJS.Timeout | undefined

let databases = 0

storeContract('ClickHouse', async () => {
  databases += 1
  const name = `contract_${databases}`
  await chdb.createDatabase(name)
  const openOne = async () => {
    // What was logged is there: one process, one query at a time.
    const opened = await createClickHouseStore(chdb.connect(name), 0)
    await opened.holdLease()
    clearInterval(beat)
    beat = setInterval(() => opened.holdLease().catch(() => {}), 5_000)
    return opened
  }
  let store = await openOne()
  return {
    store,
    async reopen() {
      clearInterval(beat)
      await store.close()
      store = await openOne()
      return store
    },
  }
})
