import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { promisifyRequest } from 'idb-keyval'
import { beforeEach, describe, expect, test } from 'vitest'
import type { WallTime } from '../../src/core/time.ts'
import type { ViewRecord } from '../../src/protocol/record.ts'
import { createQueue } from '../../src/queue/queue.ts'
import { createStore } from '../../src/queue/store.ts'
import { createOffStore } from '../support/memory-store.ts'
import { viewRecord } from '../support/records.ts'
import { EPOCH } from '../support/replay.ts'

const HOUR = 3_600_000
/** Of a request, in characters of JSON. */
const ROOM = 16_000

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
})

/** The queue of one page; all of a test's pages are of one origin. */
function openPage(clock: { now: WallTime } = { now: EPOCH }) {
  const dropped: [number, string][] = []
  const errors: unknown[] = []
  const held = { is: false }
  const store = createStore(
    () => false,
    (error) => errors.push(error),
  )
  const queue = createQueue(
    store,
    () => clock.now,
    () => held.is,
    (count, why) => dropped.push([count, why]),
  )
  /** What would be sent; it goes on waiting. */
  async function read(): Promise<ViewRecord[]> {
    const batch = await queue.claim(ROOM)
    await queue.settle(batch, false)
    return batch
  }
  return {
    queue,
    dropped,
    errors,
    held,
    read,
    ids: async () => (await read()).map(({ viewId }) => viewId),
    /** What is in the store, whoever wrote it. */
    stored: async () => (await store((entries) => promisifyRequest(entries.getAll())))!,
    write: (value: unknown, key: IDBValidKey) => store((entries) => void entries.put(value, key)),
  }
}

const view = (viewId: string, given: Partial<ViewRecord> = {}) => viewRecord({ viewId, ...given })

describe('what waits', () => {
  test('is the last record of each view', async () => {
    const { queue, read, stored } = openPage()
    queue.put(view('a', { seq: 1 }))
    queue.put(view('b', { seq: 1 }))
    queue.put(view('a', { seq: 2 }))
    expect((await read()).map(({ viewId, seq }) => viewId + seq).sort()).toEqual(['a2', 'b1'])
    expect(await stored()).toHaveLength(2)
  })

  test('is there at once for a page that goes away', () => {
    const { queue } = openPage()
    queue.put(view('a', { seq: 1 }))
    queue.put(view('a', { seq: 2 }))
    expect(queue.readOwn(ROOM)).toEqual([view('a', { seq: 2 })])
  })

  test('outlives its page: another one sends it', async () => {
    const gone = openPage()
    gone.queue.put(view('a', { totalMs: 5_000 }))
    await gone.stored()
    const { queue, read } = openPage()
    expect(queue.readOwn(ROOM)).toEqual([])
    expect(await read()).toEqual([view('a', { totalMs: 5_000 })])
  })

  test("of this page comes before other pages'", async () => {
    const other = openPage()
    other.queue.put(view('a'))
    await other.stored()
    const { queue, ids } = openPage()
    queue.put(view('z'))
    expect(await ids()).toEqual(['z', 'a'])
  })

  test('of this page is as new as in memory, whatever the store has', async () => {
    const page = openPage()
    page.queue.put(view('a', { seq: 7 }))
    await page.write({ record: view('a', { seq: 3 }) }, 'a')
    expect(await page.read()).toEqual([view('a', { seq: 7 })])
  })

  test('is in memory where nothing can be stored', async () => {
    const queue = createQueue(
      createOffStore(),
      () => EPOCH,
      () => false,
      () => {},
    )
    queue.put(view('a'))
    const batch = await queue.claim(ROOM)
    expect(batch).toEqual([view('a')])
    await queue.settle(batch, true)
    expect(await queue.claim(ROOM)).toEqual([])
  })
})

describe('a record that the collector has', () => {
  test('is forgotten, here and in the store', async () => {
    const { queue, stored } = openPage()
    queue.put(view('a'))
    await queue.settle(await queue.claim(ROOM), true)
    expect(queue.readOwn(ROOM)).toEqual([])
    expect(await stored()).toEqual([])
  })

  test('is kept where a newer one came meanwhile', async () => {
    const { queue, read, stored } = openPage()
    const sent = view('a', { seq: 1 })
    queue.put(sent)
    queue.put(view('a', { seq: 2 }))
    await queue.settle([sent], true)
    expect(await read()).toEqual([view('a', { seq: 2 })])
    expect(await stored()).toHaveLength(1)
  })

  test('is kept where another tab has stored a newer one', async () => {
    const page = openPage()
    await page.write({ record: view('a', { seq: 2 }) }, 'a')
    await page.queue.settle([view('a', { seq: 1 })], true)
    expect(await page.stored()).toHaveLength(1)
    await page.queue.settle([view('a', { seq: 2 })], true)
    expect(await page.stored()).toEqual([])
  })

  test('that is gone already is no fault', async () => {
    const { queue, errors } = openPage()
    await queue.settle([view('a')], true)
    expect(errors).toEqual([])
  })
})

describe('72 hours after its last activity', () => {
  test('a record is dropped, and told', async () => {
    const clock = { now: EPOCH }
    const gone = openPage(clock)
    gone.queue.put(view('old', { lastActivityAt: EPOCH }))
    gone.queue.put(view('young', { lastActivityAt: EPOCH + HOUR }))
    await gone.stored()

    clock.now = EPOCH + 72 * HOUR
    const { ids, dropped, stored } = openPage(clock)
    expect(await ids()).toEqual(['young'])
    expect(dropped).toEqual([[1, expect.stringContaining('old')]])
    expect(await stored()).toHaveLength(1)
    expect(await ids()).toEqual(['young'])
    expect(dropped).toHaveLength(1)
  })

  test('less 1 ms it still waits', async () => {
    const clock = { now: EPOCH }
    const gone = openPage(clock)
    gone.queue.put(view('a', { lastActivityAt: EPOCH }))
    await gone.stored()
    clock.now = EPOCH + 72 * HOUR - 1
    expect(await openPage(clock).ids()).toEqual(['a'])
  })
})

describe('garbage in the store', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a text', 'garbage'],
    ['a number', 7],
    ['a list', []],
    ['no record', { session: { id: 'x' }, visitor: undefined }],
    ['a record that is none', { record: 'x' }],
    ['a record without a view', { record: { seq: 1 } }],
  ])('%s harms nobody', async (_, garbage) => {
    const page = openPage()
    await page.write(garbage, 'a')
    await page.write({ record: view('b') }, 'b')
    expect(await page.ids()).toEqual(['b'])
    expect(page.errors).toEqual([])
    expect(page.dropped).toEqual([])
  })

  test('a record of unknown age is dropped, and told', async () => {
    const page = openPage()
    await page.write({ record: { viewId: 'a', seq: 1 } }, 'a')
    expect(await page.ids()).toEqual([])
    expect(page.dropped).toHaveLength(1)
    expect(await page.stored()).toEqual([])
  })

  test('a record without a seq is not sent for ever: it goes with its acknowledgement', async () => {
    const page = openPage()
    await page.write({ record: { viewId: 'a', lastActivityAt: EPOCH } }, 'a')
    const batch = await page.queue.claim(ROOM)
    expect(batch).toHaveLength(1)
    await page.queue.settle(batch, true)
    expect(await page.stored()).toEqual([])
  })
})

describe('one request', () => {
  const big = (viewId: string) => view(viewId, { title: 'x'.repeat(3_000) })
  const size = (records: ViewRecord[]) => records.reduce((sum, record) => sum + JSON.stringify(record).length, 0)

  test('carries less than 16,000 characters, the newest', () => {
    const { queue } = openPage()
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) queue.put(big(id))
    const batch = queue.readOwn(ROOM)
    expect(batch.map(({ viewId }) => viewId)).toEqual(['f', 'e', 'd', 'c'])
    expect(size(batch)).toBeLessThan(16_000)
    expect(size(batch) + size([big('b')])).toBeGreaterThanOrEqual(16_000)
  })

  test('and the next what did not fit', async () => {
    const { queue, read } = openPage()
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) queue.put(big(id))
    await queue.settle(await read(), true)
    expect((await read()).map(({ viewId }) => viewId)).toEqual(['b', 'a'])
  })
})

describe('what a tab has claimed', () => {
  test('no other tab sends, until it is settled or 10 s are over', async () => {
    const clock = { now: EPOCH }
    const [one, two] = [openPage(clock), openPage(clock)]
    one.queue.put(view('a'))
    expect(await one.queue.claim(ROOM)).toHaveLength(1)
    expect(await two.ids()).toEqual([])
    clock.now += 9_999
    expect(await two.ids()).toEqual([])
    clock.now += 1
    expect(await two.ids()).toEqual(['a'])
  })

  test('waits again for every tab when sending has failed', async () => {
    const [one, two] = [openPage(), openPage()]
    one.queue.put(view('a'))
    await one.queue.settle(await one.queue.claim(ROOM), false)
    expect(await two.ids()).toEqual(['a'])
  })

  test('is free again with the next record of its view', async () => {
    const [one, two] = [openPage(), openPage()]
    one.queue.put(view('a', { seq: 1 }))
    await one.queue.claim(ROOM)
    one.queue.put(view('a', { seq: 2 }))
    expect(await two.read()).toMatchObject([{ viewId: 'a', seq: 2 }])
  })

  test('is only what one request has space for: the rest is for other tabs', async () => {
    const [one, two] = [openPage(), openPage()]
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) one.queue.put(view(id, { title: 'x'.repeat(3_000) }))
    expect(await one.queue.claim(ROOM)).toHaveLength(4)
    expect((await two.ids()).sort()).toEqual(['a', 'b'])
  })

  test('by a lease further ahead than any tab takes one is not claimed: a clock was set back', async () => {
    const page = openPage()
    await page.write({ record: view('a'), leaseUntil: EPOCH + 10_001 }, 'a')
    await page.write({ record: view('b'), leaseUntil: 'x' }, 'b')
    expect(await page.ids()).toEqual(['a', 'b'])
  })

  test('five tabs at once claim each record once', async () => {
    const gone = openPage()
    for (let i = 0; i < 150; i++) gone.queue.put(view(`v${i}`))
    await gone.stored()
    const tabs = Array.from({ length: 5 }, () => openPage())
    const claimed: string[] = []
    for (let round = 0; round < 10; round++)
      for (const batch of await Promise.all(tabs.map(({ queue }) => queue.claim(ROOM))))
        claimed.push(...batch.map(({ viewId }) => viewId))
    expect(new Set(claimed).size).toBe(150)
    expect(claimed).toHaveLength(150)
  })
})

describe('no more than 200 records and 256 KiB wait', () => {
  test('beyond 200 the oldest of this page are dropped, and told', async () => {
    const { queue, ids, dropped, stored } = openPage()
    for (let i = 0; i < 203; i++) queue.put(view(`v${i}`))
    await ids()
    expect(dropped).toEqual([[3, expect.stringContaining('too many')]])
    const left = ((await stored()) as { record: ViewRecord }[]).map(({ record }) => record.viewId)
    expect(left).toHaveLength(200)
    for (const gone of ['v0', 'v1', 'v2']) expect(left).not.toContain(gone)
  })

  test('beyond 256 KiB, too, also where nothing can be stored', async () => {
    const dropped: number[] = []
    const queue = createQueue(
      createOffStore(),
      () => EPOCH,
      () => false,
      (count) => dropped.push(count),
    )
    for (let i = 0; i < 100; i++) queue.put(view(`v${i}`, { title: 'x'.repeat(3_000) }))
    await queue.claim(ROOM)
    const left = queue.readOwn(1e9)
    expect(JSON.stringify(left).length).toBeLessThan(257 * 1_024)
    expect(JSON.stringify(left).length).toBeGreaterThan(250 * 1_024)
    expect(dropped).toEqual([100 - left.length])
    expect(left[0]!.viewId).toBe('v99')
  })

  test('one that is larger than a request goes alone, and holds nobody up', async () => {
    const { queue } = openPage()
    queue.put(view('small'))
    queue.put(view('giant', { userId: 'x'.repeat(20_000) }))
    const first = await queue.claim(ROOM)
    expect(first.map(({ viewId }) => viewId)).toEqual(['giant'])
    expect((await queue.claim(ROOM)).map(({ viewId }) => viewId)).toEqual(['giant'])
    await queue.settle(first, true)
    expect((await queue.claim(ROOM)).map(({ viewId }) => viewId)).toEqual(['small'])
  })
})

test('while it is held nothing comes out, and nothing is lost', async () => {
  const { queue, held } = openPage()
  held.is = true
  queue.put(view('a'))
  expect(queue.readOwn(ROOM)).toEqual([])
  expect(await queue.claim(ROOM)).toEqual([])
  held.is = false
  expect(await queue.claim(ROOM)).toEqual([view('a')])
})
