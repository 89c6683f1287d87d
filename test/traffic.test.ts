// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDwell, type Dwell } from '../src/start.ts'
import { type OpenPage, openPage } from './support/page.ts'

let page: OpenPage
let dwell: Dwell

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  history.replaceState(null, '', '/learn/algebra')
  page = openPage()
  dwell = createDwell({ site: 'docs', collector: 'https://collector.test/v1/records' })
})
afterEach(() => {
  dwell.stop()
  page.close()
})

/** What the page has sent, as it is on the wire. */
function traffic() {
  const bytes = page.posts.reduce((sum, post) => sum + new TextEncoder().encode(JSON.stringify(post)).length, 0)
  return { requests: page.posts.length, bytes }
}

test('a read of 5 minutes with steady input sends at most 7 requests', async () => {
  await page.settle()
  for (let i = 0; i < 150; i++) {
    await page.pass(2_000)
    page.input()
  }
  page.show('hidden')
  await page.settle()
  const { requests, bytes } = traffic()
  console.log(`5 minutes: ${requests} requests, ${bytes} bytes for one view`)
  expect(requests).toBeLessThanOrEqual(7)
  expect(page.records().at(-1)!.engagedMs).toBeGreaterThan(299_000)
})

test('a bounce after 20 seconds sends at most 2', async () => {
  await page.settle()
  await page.pass(20_000)
  page.show('hidden')
  await page.settle()
  const { requests, bytes } = traffic()
  console.log(`20 seconds: ${requests} requests, ${bytes} bytes for one view`)
  expect(requests).toBeLessThanOrEqual(2)
  expect(page.records().at(-1)!.visibleMs).toBeGreaterThan(19_000)
})
