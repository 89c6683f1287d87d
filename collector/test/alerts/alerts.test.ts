import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isPublic, publicLookup, type Resolve } from '../../src/alerts/address.ts'
import { matchesPage } from '../../src/alerts/evaluate.ts'
import type { AlertRule } from '../../src/alerts/rules.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { createCollector } from '../support/collector.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { id, START, view } from '../support/records.ts'

const SECRET = 'secret-of-the-test'
const DAY = 24 * 60 * 60_000

interface Told {
  headers: IncomingMessage['headers']
  body: string
}

/** A real receiver on this machine. */
async function createReceiver(answer: (response: ServerResponse, told: Told) => void = (response) => response.end()) {
  const received: Told[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const told = { headers: request.headers, body }
    received.push(told)
    answer(response, told)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { received, port, url: `http://127.0.0.1:${port}/hook` }
}

interface World {
  store?: Store
  isPrivateAllowed?: boolean
  resolve?: Resolve
}

function createWorld(rules: AlertRule[], { store, isPrivateAllowed = true, resolve }: World = {}) {
  const collector = createCollector(store, {
    alerts: { rules, secret: SECRET, isPrivateAllowed },
    ...(resolve && { resolve }),
  })
  const look = async () => {
    await collector.reap()
    await collector.seen.tick()
  }
  return { ...collector, look }
}

const long = (webhook: string, changes: Partial<AlertRule> = {}): AlertRule => ({
  ...{ site: 'docs', metric: 'engaged', above: 30, webhook },
  ...changes,
})

const seconds = (count: number, changes = {}) =>
  view({
    ...{ seq: count, totalMs: count * 1_000, visibleMs: count * 1_000, engagedMs: count * 1_000 },
    ...{ spans: [['engaged', 0, count * 1_000]], lastActivityAt: START + count * 1_000, state: 'active' },
    ...changes,
  })

const bodies = (received: Told[]) => received.map(({ body }) => JSON.parse(body))

describe('a session that is long', () => {
  test('is told while it is open, once', async () => {
    const { received, url } = await createReceiver()
    const { send, look } = createWorld([long(url)])
    await send([seconds(30)])
    await look()
    expect(received).toEqual([])
    await send([seconds(31, { userId: 'ann' })])
    await look()
    await send([seconds(40, { sessionEndReason: 'max' })])
    await look()
    expect(bodies(received)).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        type: 'above',
        rule: { site: 'docs', metric: 'engaged', above: 30 },
        site: 'docs',
        value: 31,
        session: {
          ...{ id: id('5e'), userId: 'ann', visitorId: 'visitor-1', isOpen: true },
          startedAt: new Date(START).toISOString(),
        },
      },
    ])
  })

  test('on some pages only', async () => {
    const { received, url } = await createReceiver()
    const { send, look } = createWorld([long(url, { page: '/learn/*' } as never)])
    await send([seconds(60, { path: '/blog' }), seconds(30, { viewId: id('b') })])
    await look()
    expect(received).toEqual([])
    await send([seconds(31, { viewId: id('b') })])
    await look()
    expect(bodies(received)).toMatchObject([{ value: 31 }])
  })
})

test('a session that is short is told at its end', async () => {
  const { received, url } = await createReceiver()
  const { send, look } = createWorld([{ site: 'docs', metric: 'session', below: 10, webhook: url }])
  await send([seconds(5), seconds(12, { viewId: id('b'), sessionId: id('5f'), sessionEndReason: 'max' })])
  await look()
  expect(received).toEqual([])
  await send([seconds(6, { sessionEndReason: 'explicit' })])
  await look()
  expect(bodies(received)).toMatchObject([{ type: 'below', value: 6, session: { id: id('5e'), isOpen: false } }])
})

test('a user who has not come for days is told, once for each absence', async () => {
  const { received, url } = await createReceiver()
  const { send, look, clock } = createWorld([{ site: 'docs', inactiveFor: 2, webhook: url }])
  const visit = (at: number, digits: string) =>
    view({
      ...{ viewId: id(digits), sessionId: id(digits), userId: 'ann', endReason: 'leave', sessionEndReason: 'max' },
      ...{ sessionStartedAt: at, startedAt: at, lastActivityAt: at + 60_000 },
    })
  await send([visit(START, '1')])
  clock.now = START + 60_000 + 2 * DAY - 1
  await look()
  expect(received).toEqual([])
  for (const hours of [0, 1, 30]) {
    clock.now = START + 60_000 + 2 * DAY + hours * 3_600_000
    await look()
  }
  expect(bodies(received)).toMatchObject([{ type: 'absent', value: 2, session: { id: id('1'), userId: 'ann' } }])
  const back = clock.now
  clock.now += 120_000
  await send([visit(back, '2')])
  await look()
  clock.now = back + 60_000 + 2 * DAY + 1
  await look()
  expect(bodies(received).map(({ session }) => session.id)).toEqual([id('1'), id('2')])
})

describe('delivery', () => {
  test('is signed: the receiver can tell that it is ours, and when it was sent', async () => {
    const { received, url } = await createReceiver()
    const { send, look, clock } = createWorld([long(url)])
    await send([seconds(31)])
    await look()
    const [{ headers, body }] = received as [Told]
    const t = Math.floor(clock.now / 1000)
    const v1 = createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex')
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'dwelltime-signature': `t=${t},v1=${v1}`,
      'dwelltime-id': JSON.parse(body).id,
    })
  })

  test('is tried again until it is taken, with the same id, also after a restart', async () => {
    let isDown = true
    const { received, url } = await createReceiver((response) => response.writeHead(isDown ? 503 : 204).end())
    const file = join(temporaryDirectory(), 'dwelltime.db')
    const first = createWorld([long(url)], { store: openSqliteStore(file) })
    await first.send([seconds(31)])
    await first.look()
    await first.look() // too soon
    expect(received).toHaveLength(1)
    first.clock.now += 1_000
    await first.look()
    first.clock.now += 1_999
    await first.look() // the pause has doubled
    expect(received).toHaveLength(2)
    expect(await first.metrics('mcp_event_emit_failure_total{')).toEqual([
      'mcp_event_emit_failure_total{component_name="docs",event_type="alert",error_type="HttpError"} 2',
    ])
    await first.store.close()

    isDown = false
    const second = createWorld([long(url)], { store: openSqliteStore(file) })
    await second.look()
    second.clock.now += DAY
    await second.look()
    expect(received).toHaveLength(3)
    expect(new Set(bodies(received).map((alert) => alert.id)).size).toBe(1)
    expect(await second.metrics('mcp_event_emit_success_total{component_name="docs",event_type="alert"}')).toEqual([
      'mcp_event_emit_success_total{component_name="docs",event_type="alert"} 1',
    ])
  })

  test('of one that fails holds up no other', async () => {
    const up = await createReceiver()
    const { send, look } = createWorld([long('http://127.0.0.1:1/closed'), long(up.url)])
    await send([seconds(31)])
    await look()
    expect(up.received).toHaveLength(1)
  })

  test('of somebody who was deleted does not happen', async () => {
    let isDown = true
    const { received, url } = await createReceiver((response) => response.writeHead(isDown ? 500 : 200).end())
    const { send, look, store, clock } = createWorld([long(url)])
    await send([seconds(31, { userId: 'ann' })])
    await look()
    await store.deleteUser('ann', clock.now)
    isDown = false
    clock.now += DAY
    await look()
    expect(received).toHaveLength(1)
  })
})

describe('what a webhook may not lead to is refused, and told once', () => {
  async function refused(urls: string[], options: World = {}) {
    const world = createWorld(
      urls.map((url) => long(url)),
      { isPrivateAllowed: false, ...options },
    )
    await world.send([seconds(31), seconds(32, { viewId: id('b'), sessionId: id('5f') })])
    await world.look()
    world.clock.now += DAY
    await world.look()
    expect(await world.store.openFacts('alert', 10)).toEqual([])
    return world
  }

  test.each([
    ['this machine', 'http://127.0.0.1:PORT/hook'],
    ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data'],
    ['this machine by IPv6', 'http://[::1]:PORT/hook'],
    ['this machine, written otherwise', 'http://0x7f.1:PORT/hook'],
    ['this machine, as IPv6 of IPv4', 'http://[::ffff:127.0.0.1]:PORT/hook'],
    ['a name of this machine', 'http://localhost:PORT/hook'],
    ['a private network', 'http://10.0.0.1/hook'],
  ])('%s', async (_, url) => {
    const { received, port } = await createReceiver()
    const { logged, metrics } = await refused([url.replace('PORT', `${port}`)])
    expect(received).toEqual([])
    expect(logged).toEqual([
      {
        level: 'warn',
        facts: { webhook: expect.any(String), reason: 'the address is not public' },
        event: 'a webhook is given up: its alerts are dropped',
      },
    ])
    expect(await metrics('mcp_event_emit_failure_total{')).toEqual([
      'mcp_event_emit_failure_total{component_name="docs",event_type="alert",error_type="RefusedAddress"} 2',
    ])
  })

  test('a name that rebinds: every connection looks again, and goes to what was looked at', async () => {
    const answers = ['93.184.216.34', '127.0.0.1']
    const resolve = async () => [{ address: answers.shift() ?? '', family: 4 }]
    const lookup = publicLookup(resolve)
    const look = (options: object) =>
      new Promise((done) => lookup('rebind.example', options, (error, address) => done(error?.message ?? address)))
    expect(await look({})).toBe('93.184.216.34')
    expect(await look({})).toBe('the address is not public')

    const { received, port } = await createReceiver()
    const rebound = async () => [{ address: '127.0.0.1', family: 4 }]
    const { logged } = await refused([`http://rebind.example:${port}/hook`], { resolve: rebound })
    expect(received).toEqual([])
    expect(logged).toHaveLength(1)
  })

  test('a name of which one address is public and one is not', async () => {
    const { received, port } = await createReceiver()
    const addresses = [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    await refused([`http://both.example:${port}/hook`], { resolve: async () => addresses })
    expect(received).toEqual([])
  })

  test('a redirect', async () => {
    const inside = await createReceiver()
    const { received, url } = await createReceiver((response) =>
      response.writeHead(307, { location: inside.url }).end(),
    )
    const { logged } = await refused([url], { isPrivateAllowed: true })
    expect(received).toHaveLength(2)
    expect(inside.received).toEqual([])
    expect(logged).toMatchObject([{ facts: { reason: 'it answered 307' } }])
  })
})

test.each([
  ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0', '100.64.0.1', '224.0.0.1'],
  ...['::1', '[::1]', '::', 'fe80::1%eth0', 'fc00::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:7f00:1::', 'name'],
])('%s is not public', (address) => {
  expect(isPublic(address)).toBe(false)
})

test.each(['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'])('%s is public', (address) => {
  expect(isPublic(address)).toBe(true)
})

test.each([
  ['/learn/a', '/learn/*', true],
  ['/learn/a', '/learn/a', true],
  ['/learn/a', '/learn', false],
  ['/learn/a/b', '/*/b', true],
  ['/ab', '/ab*b', false],
  ['/a', '*', true],
  [`/${'a'.repeat(1_000)}`, `${'*a'.repeat(400)}*b`, false],
])('%s by %s: %s', (path, pattern, does) => {
  expect(matchesPage(path, pattern)).toBe(does)
})
