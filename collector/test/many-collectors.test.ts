import type { ViewRecord } from 'dwelltime/protocol'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ClickHouseServer, startClickHouseServer } from './support/clickhouse-server.ts'
import { createCollector } from './support/collector.ts'
import { bundleCollector, run, started } from './support/process.ts'
import { envelope, id, view } from './support/records.ts'

/** Real processes and a real engine on a machine that may be busy. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 })

let bundle: Awaited<ReturnType<typeof bundleCollector>>
let server: ClickHouseServer
beforeAll(async () => {
  bundle = await bundleCollector()
  server = await startClickHouseServer()
})
afterAll(async () => {
  await server.stop()
  bundle.remove()
})

const now = Date.now()

/** Sessions of several views each, of which every other was ended by its tab; each view sent twice, growing. */
const recordsOf = (sessions: number): ViewRecord[] =>
  Array.from({ length: sessions * 6 }, (_, index) => {
    const session = Math.floor(index / 6)
    const place = Math.floor((index % 6) / 2)
    const seq = 1 + (index % 2)
    const startedAt = now - 600_000 + place * 60_000
    return view({
      ...{ viewId: id(`a${session}0${place}`), seq, sessionId: id(`5${session}`), path: `/page-${place}` },
      ...{ sessionStartedAt: now - 600_000, startedAt, lastActivityAt: startedAt + seq * 20_000 },
      ...{ totalMs: seq * 20_000, visibleMs: seq * 20_000, engagedMs: seq * 10_000 },
      spans: [
        ['engaged', 0, seq * 10_000],
        ['idle', seq * 10_000, seq * 20_000],
      ],
      ...(session % 2 === 0 && place === 2 && seq === 2 && { sessionEndReason: 'explicit' as const }),
    })
  })

const startOn = (database: string, options: string[] = []) =>
  started(run(bundle.main, ['--port', '0', '--rate-limit', '0', '--store', `clickhouse:${database}`, ...options]))

async function post(origin: string, records: ViewRecord[]): Promise<void> {
  const body = JSON.stringify(envelope(records, { sentAt: Date.now() }))
  const response = await fetch(`${origin}/v1/records`, { method: 'POST', body })
  expect([response.status, await response.json()]).toEqual([200, { accepted: records.length, problems: [] }])
}

/** Everything to each of them in some order: what one has, two others have, too. */
async function spread(origins: readonly string[], records: readonly ViewRecord[]): Promise<void> {
  const orders = [records, records.toReversed(), [...records.slice(records.length / 2), ...records]]
  await Promise.all(
    origins.map(async (origin, place) => {
      const order = orders[place % orders.length]!
      for (let at = 0; at < order.length; at += 10) await post(origin, order.slice(at, at + 10))
    }),
  )
}

/** Answers of every report that are about records, not about how they were received. */
async function answers(origin: string): Promise<unknown> {
  const names = ['overview', 'pages', 'session-lengths', 'survival', 'breaks', 'thresholds', 'trend', 'retention']
  const texts = []
  for (const name of names) texts.push(await (await fetch(`${origin}/api/reports/${name}`)).json())
  return texts
}

/**
 * Without the quality score, which is of the views that this process saw end. A scrape waits for what is being counted
 * for some seconds only, a report for all of it.
 */
async function counters(origin: string) {
  await fetch(`${origin}/api/reports/overview`)
  const text = await (await fetch(`${origin}/metrics`)).text()
  return text.split('\n').filter((line) => /^(session_(?!quality_)|active_)/.test(line))
}

/** What one process on SQLite makes of the same. */
async function alone(records: readonly ViewRecord[]) {
  const collector = createCollector()
  collector.clock.now = Date.now()
  for (let at = 0; at < records.length; at += 100) await collector.send(records.slice(at, at + 100))
  const counts = await collector.metrics('session_')
  const ofAll = counts.filter((line) => !line.startsWith('session_quality_'))
  return { counts: [...ofAll, ...(await collector.metrics('active_'))].sort(), collector }
}

test('three collectors, one session spread over all of them: the answers of one', async () => {
  const records = recordsOf(20)
  const many = await server.url('many')
  const keeper = await startOn(many)
  const others = [await startOn(many, ['--keeper', '0']), await startOn(many, ['--keeper', '0'])]
  const origins = [keeper, ...others].map(({ origin }) => origin)
  await spread(origins, records)

  const one = await startOn(await server.url('one'))
  for (let at = 0; at < records.length; at += 10) await post(one.origin, records.slice(at, at + 10))

  const counted = (await counters(keeper.origin)).sort()
  expect(counted).toEqual((await counters(one.origin)).sort())
  expect(counted).toEqual((await alone(records)).counts)
  expect(counted).toContain('session_start_total{component_name="docs",shell_type="ScriptTag"} 20')
  expect(counted).toContain('session_end_total{component_name="docs",status="success"} 10')
  const expected = await answers(one.origin)
  for (const origin of origins) expect(await answers(origin)).toEqual(expected)

  const refused = await fetch(`${others[0]!.origin}/metrics`)
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('KEEPER=1')])
})

test('the keeper is killed, a stand-by goes on: nothing is counted twice, nothing is missed', async () => {
  const records = recordsOf(40)
  const database = await server.url('killed')
  const first = await startOn(database)
  const second = await startOn(database)
  const third = await startOn(database, ['--keeper', '0'])
  expect((await fetch(`${second.origin}/metrics`)).status).toBe(503)

  const sending = spread([second.origin, third.origin], records)
  // Each look makes the keeper save: the kill comes in the middle of one.
  for (let looks = 0; looks < 3; looks++) await counters(first.origin)
  const lastLook = counters(first.origin).catch(() => [])
  first.child.kill('SIGKILL')
  await Promise.all([sending, lastLook, first.exited])

  await vi.waitUntil(async () => (await fetch(`${second.origin}/metrics`)).status === 200, {
    timeout: 120_000,
    interval: 500,
  })
  expect((await counters(second.origin)).sort()).toEqual((await alone(records)).counts)

  // Who comes back stands by.
  const again = await startOn(database)
  expect((await fetch(`${again.origin}/metrics`)).status).toBe(503)
  // Told to stop, the keeper leaves its place at once.
  second.child.kill('SIGTERM')
  expect(await second.exited).toMatchObject({ code: 0 })
  await vi.waitUntil(async () => (await fetch(`${again.origin}/metrics`)).status === 200, {
    timeout: 60_000,
    interval: 500,
  })
  expect((await counters(again.origin)).sort()).toEqual((await alone(records)).counts)
})
