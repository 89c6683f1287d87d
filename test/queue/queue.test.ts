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

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
})

/** The queue of one page; all of a test's pages are of one origin. */
function openPage(clock: { now: WallTime } = { now: EPOCH }) {
  const dropped: [number, string][] = []
  const errors: unknown[] = []
  const store = createStore(false, (error) => errors.push(error))
  const queue = createQueue(store, () => clock.now)
  const read = () => queue.read((count, why) => dropped.push([count, why]))
  return {
    queue,
    dropped,
    errors,
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
    expect(queue.readOwn()).toEqual([view('a', { seq: 2 })])
  })

  test('outlives its page: another one sends it', async () => {
    const gone = openPage()
    gone.queue.put(view('a', { totalMs: 5_000 }))
    await gone.stored()
    const { queue, read } = openPage()
    expect(queue.readOwn()).toEqual([])
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
    await page.write(view('a', { seq: 3 }), 'a')
    expect(await page.read()).toEqual([view('a', { seq: 7 })])
  })

  test('is in memory where nothing can be stored', async () => {
    const queue = createQueue(createOffStore(), () => EPOCH)
    const read = () => queue.read(() => {})
    queue.put(view('a'))
    expect(await read()).toEqual([view('a')])
    await queue.acknowledge(await read())
    expect(await read()).toEqual([])
  })
})

describe('a record that the collector has', () => {
  test('is forgotten, here and in the store', async () => {
    const { queue, read, stored } = openPage()
    queue.put(view('a'))
    await queue.acknowledge(await read())
    expect(queue.readOwn()).toEqual([])
    expect(await stored()).toEqual([])
  })

  test('is kept where a newer one came meanwhile', async () => {
    const { queue, read, stored } = openPage()
    const sent = view('a', { seq: 1 })
    queue.put(sent)
    queue.put(view('a', { seq: 2 }))
    await queue.acknowledge([sent])
    expect(await read()).toEqual([view('a', { seq: 2 })])
    expect(await stored()).toHaveLength(1)
  })

  test('is kept where another tab has stored a newer one', async () => {
    const page = openPage()
    await page.write(view('a', { seq: 2 }), 'a')
    await page.queue.acknowledge([view('a', { seq: 1 })])
    expect(await page.stored()).toHaveLength(1)
    await page.queue.acknowledge([view('a', { seq: 2 })])
    expect(await page.stored()).toEqual([])
  })

  test('that is gone already is no fault', async () => {
    const { queue, errors } = openPage()
    await queue.acknowledge([view('a')])
    expect(errors).toEqual([])
  })
})

describe('72 hours', () => {
  test('since its last activity is how long a record waits; an older one is dropped, and told', async () => {
    const clock = { now: EPOCH }
    const gone = openPage(clock)
    gone.queue.put(view('old'))
    await gone.stored()
    clock.now = EPOCH + HOUR
    gone.queue.put(view('young', { lastActivityAt: clock.now }))
    await gone.stored()

    clock.now = EPOCH + 72 * HOUR
    const { ids, dropped, stored } = openPage(clock)
    expect(await ids()).toEqual(['young'])
    expect(dropped).toEqual([[1, expect.stringContaining('old')]])
    expect(await stored()).toHaveLength(1)
    expect(await ids()).toEqual(['young'])
    expect(dropped).toHaveLength(1)
  })

  test('less 1 ms is not over yet', async () => {
    const clock = { now: EPOCH }
    const gone = openPage(clock)
    gone.queue.put(view('a'))
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
    ['a record without a view', { seq: 1, lastActivityAt: EPOCH }],
  ])('%s harms nobody', async (_, garbage) => {
    const page = openPage()
    await page.write(garbage, 'a')
    await page.write(view('b'), 'b')
    expect(await page.ids()).toEqual(['b'])
    expect(page.errors).toEqual([])
    expect(page.dropped).toEqual([])
  })

  test('a record of unknown age is dropped, and told', async () => {
    const page = openPage()
    await page.write({ viewId: 'a', seq: 1 }, 'a')
    expect(await page.ids()).toEqual([])
    expect(page.dropped).toHaveLength(1)
    expect(await page.stored()).toEqual([])
  })

  test('a record without a seq is not sent for ever: it goes with its acknowledgement', async () => {
    const page = openPage()
    await page.write({ viewId: 'a', lastActivityAt: EPOCH }, 'a')
    const [garbage] = await page.read()
    await page.queue.acknowledge([garbage!])
    expect(await page.stored()).toEqual([])
  })
})

describe('one request', () => {
  const big = (viewId: string) => view(viewId, { title: 'x'.repeat(3_000) })
  const size = (records: ViewRecord[]) => records.reduce((sum, record) => sum + JSON.stringify(record).length, 0)

  test('carries less than 16,000 characters, the newest', () => {
    const { queue } = openPage()
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) queue.put(big(id))
    const batch = queue.readOwn()
    expect(batch.map(({ viewId }) => viewId)).toEqual(['f', 'e', 'd', 'c'])
    expect(size(batch)).toBeLessThan(16_000)
    expect(size(batch) + size([big('b')])).toBeGreaterThanOrEqual(16_000)
  })

  test('and the next what did not fit', async () => {
    const { queue, read } = openPage()
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) queue.put(big(id))
    await queue.acknowledge(await read())
    expect((await read()).map(({ viewId }) => viewId)).toEqual(['b', 'a'])
  })
})
