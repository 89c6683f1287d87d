import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { settle } from '../../src/sessions/keeper.ts'
import { createClickHouseStore } from '../../src/store/clickhouse/clickhouse.ts'
import type { Store } from '../../src/store/store.ts'
import { refresh } from '../../src/tallies/refresh.ts'
import { DAY_MS, floorTo } from '../../src/tallies/tiers.ts'
import { type ChDb, installChDb } from '../support/chdb.ts'
import { received, START } from '../support/records.ts'

/** Days that may still change while several collectors write: the keeper rolls up, another one stores. */

vi.setConfig({ testTimeout: 120_000 })

let chdb: ChDb
beforeAll(async () => {
  chdb = await installChDb()
}, 600_000)
afterAll(() => chdb.stop(), 60_000)

const DAY = floorTo(START, DAY_MS)
const NOW = START + 3 * DAY_MS

let databases = 0

async function openTwo(overlapUs?: number) {
  const database = `fresh_${++databases}`
  await chdb.createDatabase(database)
  const keeper = await createClickHouseStore(chdb.connect(database), overlapUs)
  await keeper.holdLease()
  return { keeper, other: await createClickHouseStore(chdb.connect(database), overlapUs), chdb: chdb.connect(database) }
}

const held = async (store: Store) =>
  (await store.freshDays.list()).map(({ day }) => (day - DAY) / DAY_MS).sort((a, b) => a - b)

test('what another collector stores is noticed by whoever asks, at once', async () => {
  const { keeper, other } = await openTwo(0)
  await other.append([received()])
  await settle(keeper)
  await refresh(keeper, NOW)
  expect(await held(other)).toContain(0)
  await other.append([received({ seq: 2, visibleMs: 1_000, engagedMs: 500 })])
  expect(await held(other)).not.toContain(0)
  expect(await held(keeper)).not.toContain(0)
  expect(await held(keeper)).toContain(1)
})

test('a session that the keeper saves changes its day, however long ago its records came', async () => {
  const { keeper, other } = await openTwo(0)
  await other.append([received()])
  await refresh(keeper, NOW) // before the keeper has looked
  expect(await held(other)).toContain(0)
  await settle(keeper)
  expect(await held(other)).not.toContain(0)
})

test('what was logged just before is taken for what could not be seen yet', async () => {
  const { keeper, other } = await openTwo()
  await other.append([received()])
  await settle(keeper)
  await refresh(keeper, NOW)
  expect(await held(other)).not.toContain(0)
  expect(await held(other)).toContain(1)
})

test('a view whose clock turns out to be wrong leaves the day that it was on, too', async () => {
  const { keeper, other, chdb } = await openTwo(0)
  await other.append([received({}, { skewMs: 0 })])
  await settle(keeper)
  await refresh(keeper, NOW)
  expect(await held(other)).toEqual(expect.arrayContaining([0, 1]))
  await other.append([received({ seq: 2 }, { skewMs: DAY_MS })])
  await chdb.command({ query: 'OPTIMIZE TABLE views FINAL' }) // nothing is left of what it was
  expect(await held(other)).not.toContain(0)
  expect(await held(other)).not.toContain(1)
})

test('who is deleted by another collector is in no roll-up that is asked', async () => {
  const { keeper, other } = await openTwo(0)
  await other.append([received({ userId: 'ann' })])
  await settle(keeper)
  await refresh(keeper, NOW)
  await other.deleteUser('ann', NOW)
  expect(await held(keeper)).not.toContain(0)
  await refresh(keeper, NOW)
  expect(await held(keeper)).toContain(0)
})
