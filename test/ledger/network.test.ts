import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../bench/ledger/network.ts'
import { text } from '../../e2e/support/pages.ts'

let stored: string[]
let proxy: FaultProxy
let stop: () => void

beforeEach(async () => {
  stored = []
  const collector = createServer(async (request, response) => {
    stored.push(await text(request))
    response.end('{"accepted":1}')
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  proxy = await startFaultProxy(`http://127.0.0.1:${(collector.address() as AddressInfo).port}`)
  stop = () => {
    proxy.stop()
    collector.closeAllConnections()
    collector.close()
  }
})
afterEach(() => stop())

const BODY = JSON.stringify({ via: 'beacon', records: [{ viewId: 'a', seq: 7 }] })

/** What a page sees: the status and the body, or that there was no answer. */
const post = async (ms = 5_000) => {
  try {
    const response = await fetch(proxy.recordsUrl, { method: 'POST', body: BODY, signal: AbortSignal.timeout(ms) })
    return `${response.status} ${await response.text()}`
  } catch {
    return 'nothing'
  }
}

test('ok: what is posted is stored and answered, and known', async () => {
  expect(await post()).toBe('200 {"accepted":1}')
  expect(stored).toEqual([BODY])
  expect(proxy.delivered).toEqual([{ via: 'beacon', keys: ['a:7'] }])
})

test.each([
  ['500', '500 '],
  ['429', '429 '],
  ['404', '404 '],
  ['html', '200 <h1>Welcome to our hotel</h1>'],
  ['refused', 'nothing'],
] as const)('%s: nothing is stored until it heals', async (network, answer) => {
  await proxy.break(network)
  expect(await post()).toBe(answer)
  expect(stored).toEqual([])
  await proxy.heal()
  expect(await post()).toBe('200 {"accepted":1}')
})

test('429 says when to come again, to pages of any origin', async () => {
  await proxy.break('429')
  const { headers } = await fetch(proxy.recordsUrl, { method: 'POST', body: BODY })
  expect(headers.get('retry-after')).toBe('2')
  expect(headers.get('access-control-expose-headers')).toBe('retry-after')
  expect(headers.get('access-control-allow-origin')).toBe('*')
})

test('slow: the answer takes 1.5 s', async () => {
  await proxy.break('slow')
  const started = performance.now()
  expect(await post()).toBe('200 {"accepted":1}')
  expect(performance.now() - started).toBeGreaterThan(1_450)
})

test('hanging: no answer, and healing cuts it off', async () => {
  await proxy.break('hanging')
  expect(await post(300)).toBe('nothing')
  const hung = post()
  await new Promise((resolve) => setTimeout(resolve, 100))
  await proxy.heal()
  expect(await hung).toBe('nothing')
  expect(stored).toEqual([])
  expect(await post()).toBe('200 {"accepted":1}')
})

test('reset: in turn before the collector has it, and after', async () => {
  await proxy.break('reset')
  expect(await post()).toBe('nothing')
  expect(stored).toHaveLength(0)
  expect(await post()).toBe('nothing')
  expect(stored).toHaveLength(1)
})
