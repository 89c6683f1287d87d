// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Options } from '../src/options.ts'
import { createDwell, type Dwell } from '../src/start.ts'
import { type OpenPage, openPage } from './support/page.ts'

let page: OpenPage
let dwell: Dwell

function measure(options: Options = {}): Dwell {
  dwell = createDwell({ site: 'docs', collector: 'https://collector.test/v1/records', ...options })
  return dwell
}

/** What the browser has stored for this origin. */
const databases = async () => (await indexedDB.databases()).map(({ name }) => name)

const setGpc = (value: boolean | undefined) =>
  Object.defineProperty(navigator, 'globalPrivacyControl', { value, configurable: true })

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  history.replaceState(null, '', '/first')
  page = openPage()
})
afterEach(() => {
  dwell.stop()
  setGpc(undefined)
  page.close()
})

/** A visit with an activity, a hide and a look. */
async function visit(): Promise<void> {
  await page.settle()
  await page.pass(2_000)
  page.input()
  await page.pass(6_000)
  page.show('hidden')
  await page.settle()
  page.show('visible')
  await page.pass(2_000)
}

describe("storage: 'memory'", () => {
  test('stores nothing on the device, and measures and sends all the same', async () => {
    measure({ storage: 'memory' })
    await visit()
    expect(await databases()).toEqual([])
    expect(page.records().at(-1)).toMatchObject({ path: '/first' })
    expect(page.records().some(({ visitorId }) => visitorId)).toBe(false)
    expect(dwell.getState()).toMatchObject({ storage: 'memory', lastError: undefined })
  })

  test('makes each page load a session of its own', async () => {
    measure({ storage: 'memory' })
    await visit()
    dwell.stop()
    const [first] = page.records()
    measure({ storage: 'memory' })
    await visit()
    expect(page.records().at(-1)!.sessionId).not.toBe(first!.sessionId)
  })
})

describe('Global Privacy Control', () => {
  test('nothing is stored, nobody is identified, not by option nor later', async () => {
    setGpc(true)
    measure({ userId: 'ada' })
    await visit()
    dwell.identify('ada')
    await visit()
    expect(await databases()).toEqual([])
    expect(page.records().length).toBeGreaterThan(1)
    for (const record of page.records()) {
      expect(record.userId).toBeUndefined()
      expect(record.visitorId).toBeUndefined()
    }
  })

  test('respectGpc false: as if it were not there', async () => {
    setGpc(true)
    measure({ userId: 'ada', respectGpc: false })
    await visit()
    expect(await databases()).toEqual(['dwelltime'])
    expect(page.records().at(-1)).toMatchObject({ userId: 'ada', visitorId: expect.any(String) })
  })

  test('set to false it asks for nothing', async () => {
    setGpc(false)
    measure({ userId: 'ada' })
    await visit()
    expect(page.records().at(-1)).toMatchObject({ userId: 'ada' })
  })
})

describe('consent', () => {
  test('pending: it is measured, and nothing is stored or sent, not even on leaving', async () => {
    measure({ consent: 'pending' })
    await visit()
    await dwell.flush()
    expect(dwell.getState().visibleMs).toBeGreaterThan(8_000)
    dwell.stop()
    await page.settle()
    expect(page.posts).toEqual([])
    expect(await databases()).toEqual([])
  })

  test('granted later: what was held is sent, with the time since the page opened', async () => {
    measure({ consent: 'pending' })
    await visit()
    const held = dwell.getState()
    await dwell.setConsent('granted')
    expect(page.records().at(-1)).toMatchObject({ viewId: held.viewId, sessionId: held.sessionId })
    expect(page.records().at(-1)!.visibleMs).toBeGreaterThan(7_000)
    await page.pass(20_000)
    expect(await databases()).toEqual(['dwelltime'])
    expect(dwell.getState()).toMatchObject({ storage: 'indexeddb', sessionId: held.sessionId })
  })

  test('denied: what was held is never sent, and nothing is measured any more', async () => {
    measure({ consent: 'pending' })
    await visit()
    await dwell.setConsent('denied')
    await visit()
    expect(page.posts).toEqual([])
    expect(await databases()).toEqual([])
    expect(dwell.getState().stands).toBe('stopped')
  })

  test('denied after it was granted: what was stored is erased', async () => {
    measure()
    await visit()
    const sent = page.posts.length
    await dwell.setConsent('denied')
    await vi.waitFor(async () => expect(await databases()).toEqual([]))
    await visit()
    expect(page.posts).toHaveLength(sent)
  })
})

describe('optOut()', () => {
  test('stops at once, sends nothing more, and leaves nothing on the device', async () => {
    measure()
    await visit()
    const sent = page.posts.length
    await dwell.optOut()
    page.show('hidden')
    await visit()
    expect(page.posts).toHaveLength(sent)
    await vi.waitFor(async () => expect(await databases()).toEqual([]))
  })

  test('erases what an earlier page has stored, also where this one stores nothing', async () => {
    measure()
    await visit()
    dwell.stop()
    measure({ storage: 'memory' })
    await visit()
    await dwell.optOut()
    await vi.waitFor(async () => expect(await databases()).toEqual([]))
  })

  test('withdraws what the browser would send when the page is gone', async () => {
    const standing: AbortSignal[] = []
    vi.stubGlobal('fetchLater', (_: string, { signal }: RequestInit) => void standing.push(signal!))
    measure()
    await page.settle()
    await page.pass(2_000)
    expect(standing.at(-1)!.aborted).toBe(false)
    await dwell.optOut()
    expect(standing.every(({ aborted }) => aborted)).toBe(true)
  })

  test('where the store fails that is told, and never thrown', async () => {
    const onError = vi.fn()
    measure({ onError })
    await page.settle()
    Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true, writable: true })
    await expect(dwell.optOut()).resolves.toBeUndefined()
    expect(onError).toHaveBeenCalled()
  })
})

describe('what stands for when the page is gone without a word', () => {
  test('is the latest checkpoint while the page is shown, and nothing after a beacon', async () => {
    const standing: { body: string; signal: AbortSignal }[] = []
    vi.stubGlobal('fetchLater', (_: string, { body, signal }: { body: string; signal: AbortSignal }) => {
      standing.push({ body, signal })
    })
    measure()
    await page.settle()
    await page.pass(3_000)
    const seqs = standing.map(({ body }) => JSON.parse(body).records[0].seq)
    expect(seqs).toEqual(seqs.map((_, i) => seqs[0] + i))
    expect(standing.filter(({ signal }) => !signal.aborted)).toHaveLength(1)
    page.show('hidden')
    await page.pass(2_000)
    expect(standing.filter(({ signal }) => !signal.aborted)).toHaveLength(0)
    page.show('visible')
    await page.pass(300)
    expect(standing.filter(({ signal }) => !signal.aborted)).toHaveLength(1)
  })

  test('that the browser refuses for its quota is told, and harms nothing', async () => {
    const onError = vi.fn()
    vi.stubGlobal('fetchLater', () => {
      throw new DOMException('too much', 'QuotaExceededError')
    })
    measure({ onError })
    await visit()
    expect(onError).toHaveBeenCalled()
    expect(page.records().length).toBeGreaterThan(1)
  })
})

test('coming online sends at once what has failed', async () => {
  page.collector.isUp = false
  measure()
  await page.settle()
  await page.pass(2_000)
  expect(page.posts).toEqual([])
  page.collector.isUp = true
  window.dispatchEvent(new Event('online'))
  await page.settle()
  expect(page.records()).toMatchObject([{ path: '/first' }])
})

test('an answer of the store that comes after optOut() starts nothing again', async () => {
  const standing: AbortSignal[] = []
  vi.stubGlobal('fetchLater', (_: string, { signal }: RequestInit) => void standing.push(signal!))
  measure()
  const done = dwell.optOut() // the store has not yet answered
  await page.settle()
  await done
  await page.pass(3_000)
  expect(page.posts).toEqual([])
  expect(standing.every(({ aborted }) => aborted)).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})
