import type { ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settle } from '../../src/sessions/keeper.ts'
import { createClickHouseStore } from '../../src/store/clickhouse/clickhouse.ts'
import type { Store } from '../../src/store/store.ts'
import { type ChDb, installChDb } from '../support/chdb.ts'
import { id, received } from '../support/records.ts'

// What two keepers of one ClickHouse database can do to each other, step by step. See docs/adr/0007-many-collectors.md.

let chdb: ChDb
let databases = 0
let database = ''

beforeAll(async () => {
  chdb = await installChDb()
}, 600_000)

afterAll(() => chdb.stop(), 60_000)

async function newDatabase(): Promise<void> {
  databases += 1
  database = `keepers_${databases}`
  await chdb.createDatabase(database)
}

/** A keeper whose inserts into one table can be held up, or made to fail when they are done. */
async function openKeeper() {
  const client = chdb.connect(database)
  const on = { before: undefined as string | undefined, after: undefined as string | undefined }
  let resume = () => {}
  let hold = Promise.resolve()
  const insert: ClickHouseClient['insert'] = async (params) => {
    if (params.table === on.before) await hold
    const result = await client.insert(params)
    if (params.table === on.after) throw new Error('the process died here')
    return result
  }
  const store = await createClickHouseStore(Object.assign(Object.create(client), { insert }) as ClickHouseClient)
  return {
    store,
    /** Until the answer is called. */
    holdBefore(table: string) {
      on.before = table
      hold = new Promise((resolve) => {
        resume = resolve
      })
      return () => resume()
    },
    dieAfter(table: string) {
      on.after = table
    },
  }
}

/** As if the keeper had not been heard of for long. */
async function forgetKeeper(): Promise<void> {
  const client = chdb.connect(database)
  await client.command({
    query: `INSERT INTO keepers (epoch, holder, beat_at, is_released)
            SELECT epoch, holder, toUnixTimestamp64Milli(now64(3)) + 1000, 1 FROM keepers FINAL`,
  })
  await client.close()
}

const ended = (digits: string, changes = {}) =>
  received({ viewId: id(digits), sessionId: id(`5${digits}`), sessionEndReason: 'explicit', ...changes })

async function totals(store: Store): Promise<Record<string, number>> {
  const counts = await store.counters()
  const total = (name: string) =>
    counts.filter((count) => count.name === name).reduce((sum, { value }) => sum + value, 0)
  return {
    starts: total('session_start_total'),
    ends: total('session_end_total'),
    amended: total('session_amended_total'),
  }
}

test('one keeps, the other stands by until the first lets go', async () => {
  await newDatabase()
  const [a, b] = [await openKeeper(), await openKeeper()]
  expect([await a.store.holdLease(), await b.store.holdLease()]).toEqual([true, false])
  expect([await a.store.holdLease(), a.store.isKeeper(), b.store.isKeeper()]).toEqual([true, true, false])
  await a.store.append([ended('1')])
  expect([await b.store.lastChange(), await b.store.changedSessions(99, 10)]).toEqual([0, []])
  await a.store.close()
  expect([await b.store.holdLease(), b.store.isKeeper()]).toEqual([true, true])
  await settle(b.store)
  expect(await totals(b.store)).toEqual({ starts: 1, ends: 1, amended: 0 })
})

test('of several who ask at once at most one keeps, and soon one does', async () => {
  await newDatabase()
  const keepers = await Promise.all(Array.from({ length: 4 }, openKeeper))
  const first = await Promise.all(keepers.map(({ store }) => store.holdLease()))
  expect(first.filter((isHeld) => isHeld).length).toBeLessThanOrEqual(1)
  for (const { store } of keepers) await store.holdLease()
  expect(keepers.filter(({ store }) => store.isKeeper())).toHaveLength(1)
})

test('what a deposed keeper saves too late is void, whatever its successor did meanwhile', async () => {
  await newDatabase()
  const [a, b] = [await openKeeper(), await openKeeper()]
  await a.store.holdLease()
  await a.store.append([ended('1')])
  await settle(a.store)

  await a.store.append([ended('2'), ended('3')])
  const goOn = a.holdBefore('saves')
  const late = settle(a.store)
  await forgetKeeper()
  expect(await b.store.holdLease()).toBe(true)
  await b.store.append([ended('4')])
  // The successor takes one session at a time: it has read the counters, but not kept yet what the other one saves.
  const saved = await rowsOf('saves')
  const goOnToo = b.holdBefore('kept')
  const settling = settle({ ...b.store, changedSessions: (upTo) => b.store.changedSessions(upTo, 1) })
  await expect.poll(() => rowsOf('saves'), { timeout: 30_000 }).toBe(saved + 1)
  goOn()
  await late
  goOnToo()
  await settling
  expect(a.store.isKeeper()).toBe(false)
  expect(await totals(b.store)).toEqual({ starts: 4, ends: 4, amended: 0 })

  // And the one after that sees it as little.
  await forgetKeeper()
  const c = await openKeeper()
  expect(await c.store.holdLease()).toBe(true)
  await settle(c.store)
  expect(await totals(c.store)).toEqual({ starts: 4, ends: 4, amended: 0 })
})

test('what it had written aside when it died is counted once', async () => {
  await newDatabase()
  const [a, b] = [await openKeeper(), await openKeeper()]
  await a.store.holdLease()
  await a.store.append([ended('1'), ended('2')])
  a.dieAfter('saves')
  await expect(settle(a.store)).rejects.toThrow('ClickHouse refused an insert into saves')
  expect(await totals(b.store)).toEqual({ starts: 0, ends: 0, amended: 0 })
  await forgetKeeper()
  await b.store.holdLease()
  await settle(b.store)
  expect(await totals(b.store)).toEqual({ starts: 2, ends: 2, amended: 0 })
})

test('what it was just putting in place may come after its successor, and changes nothing', async () => {
  await newDatabase()
  const [a, b] = [await openKeeper(), await openKeeper()]
  await a.store.holdLease()
  await a.store.append([ended('1')])
  const goOn = a.holdBefore('kept')
  const late = settle(a.store)
  await expect.poll(() => rowsOf('saves'), { timeout: 30_000 }).toBe(1)
  await forgetKeeper()
  await b.store.holdLease()
  await b.store.append([ended('1', { seq: 2 }), ended('2')])
  await settle(b.store)
  goOn()
  await late
  expect(await totals(b.store)).toEqual({ starts: 2, ends: 2, amended: 1 })
})

test('a keeper whose save failed finds out what became of it, and goes on', async () => {
  await newDatabase()
  const a = await openKeeper()
  await a.store.holdLease()
  await a.store.append([ended('1')])
  a.dieAfter('kept')
  await expect(settle(a.store)).rejects.toThrow('ClickHouse refused an insert into kept')
  expect(a.store.isKeeper()).toBe(false)
  a.dieAfter('nothing')
  expect(await a.store.holdLease()).toBe(true)
  await a.store.append([ended('2')])
  await settle(a.store)
  expect(await totals(a.store)).toEqual({ starts: 2, ends: 2, amended: 0 })
})

test('a user whom another collector deletes while the keeper saves stays deleted', async () => {
  await newDatabase()
  const [a, other] = [await openKeeper(), await openKeeper()]
  await a.store.holdLease()
  await a.store.append([ended('1', { userId: 'ann' }), ended('2')])
  const goOn = a.holdBefore('kept')
  const saving = settle(a.store)
  await expect.poll(() => rowsOf('saves'), { timeout: 30_000 }).toBe(1)
  expect(await other.store.deleteUser('ann', Date.now())).toEqual({ sessions: 1, views: 1 })
  goOn()
  await saving
  await settle(a.store)
  expect([await rowsOf('sessions'), await rowsOf('saves'), await rowsOf('views')]).toEqual([1, 0, 1])
})

async function rowsOf(table: string): Promise<number> {
  const client = chdb.connect(database)
  const result = await client.query({ query: `SELECT count() AS amount FROM ${table}`, format: 'JSONEachRow' })
  const [row] = await result.json<{ amount: number | string }>()
  await client.close()
  return Number(row!.amount)
}
