import 'fake-indexeddb/auto'
import { setTimeout as delay } from 'node:timers/promises'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Envelope } from '../../src/protocol/record.ts'
import { createQueue } from '../../src/queue/queue.ts'
import { createStore } from '../../src/queue/store.ts'
import { createDelivery } from '../../src/transport/deliver.ts'
import { viewRecord } from '../support/records.ts'

/** Of the collector, in ms. */
const SLOW = 1_500

const deliveries = new Map<string, number>()
let largest: number
let isUp: boolean

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  deliveries.clear()
  largest = 0
  isUp = true
  vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
    const { records }: Envelope = JSON.parse(body)
    largest = Math.max(largest, body.length)
    if (isUp) for (const { viewId } of records) deliveries.set(viewId, (deliveries.get(viewId) ?? 0) + 1)
    await delay(SLOW)
    return isUp ? Response.json({ accepted: records.length, problems: [] }) : new Response('', { status: 500 })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

function openTab() {
  const store = createStore(
    () => false,
    (error) => {
      throw error
    },
  )
  const queue = createQueue(
    store,
    Date.now,
    () => false,
    (_, why) => {
      throw Error(why)
    },
  )
  return {
    queue,
    delivery: createDelivery(queue, 'https://collector.test/v1/records', Date.now, (error) => {
      throw error
    }),
  }
}

const id = (i: number) => `view ${i}`

test('five tabs, 200 records of pages that are gone, a slow collector: each arrives once', async () => {
  const gone = openTab()
  for (let i = 0; i < 200; i++) gone.queue.put(viewRecord({ viewId: id(i), lastActivityAt: Date.now() }))
  const tabs = Array.from({ length: 5 }, openTab)
  await Promise.all(tabs.map(({ delivery }) => delivery.flush()))
  expect(deliveries.size).toBe(200)
  expect(Math.max(...deliveries.values())).toBe(1)
  expect(largest).toBeLessThan(17_000)
})

test('five tabs that flush again and again: at most 2 deliveries of a record', async () => {
  const gone = openTab()
  for (let i = 0; i < 200; i++) gone.queue.put(viewRecord({ viewId: id(i), lastActivityAt: Date.now() }))
  const tabs = Array.from({ length: 5 }, openTab)
  const until = Date.now() + 4 * SLOW
  while (Date.now() < until) {
    for (const { delivery } of tabs) delivery.flush()
    await delay(300)
  }
  await Promise.all(tabs.map(({ delivery }) => delivery.flush()))
  expect(deliveries.size).toBe(200)
  expect(Math.max(...deliveries.values())).toBeLessThanOrEqual(2)
})

test('what a tab could not send is sent by another one', async () => {
  const gone = openTab()
  for (let i = 0; i < 20; i++) gone.queue.put(viewRecord({ viewId: id(i), lastActivityAt: Date.now() }))
  isUp = false
  await openTab().delivery.flush()
  isUp = true
  await openTab().delivery.flush()
  expect(deliveries.size).toBe(20)
})
