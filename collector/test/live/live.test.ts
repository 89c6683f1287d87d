import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { StatsBlock } from '../../src/live/stats-block.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import { createCollector, fromHere } from '../support/collector.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { id, START, view } from '../support/records.ts'
import { openStream } from '../support/stream.ts'

const SECOND = 1_000

const block = (changes: Partial<StatsBlock> = {}): StatsBlock => ({
  ...{ rated_message_size: 512, trigger_after_rated_messages: 0, trigger_after_duration: 0 },
  ...{ trigger_on_join: true, trigger_on_leave: true },
  ...changes,
})

const withStats = (changes: Partial<StatsBlock> = {}) =>
  createCollector(undefined, { live: { stats: new Map([['docs', block(changes)]]), maxClients: 3 } })

/** A view of so many seconds, all of them engaged. */
const open = (seconds: number, changes = {}) => {
  const lengthMs = seconds * SECOND
  return view({
    ...{ seq: seconds, totalMs: lengthMs, visibleMs: lengthMs, engagedMs: lengthMs, spans: [['engaged', 0, lengthMs]] },
    ...{ lastActivityAt: START + lengthMs, state: 'active' },
    ...changes,
  })
}

/** Sends, and lets the keeper look. */
async function sendAndLook(collector: ReturnType<typeof createCollector>, records: unknown[]) {
  await collector.send(records)
  await collector.reap()
}

const anonymous = { authid: 'visitor-1', authrole: 'anonymous', realm: 'docs', session: id('5e') }

test('joins and leaves are always told', async () => {
  const collector = createCollector()
  const { response, events } = await openStream(collector)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  await sendAndLook(collector, [open(1)])
  await sendAndLook(collector, [open(2, { userId: 'ann', sessionEndReason: 'explicit' })])
  expect(await events(2)).toEqual([
    { id: expect.stringMatching(/^[0-9a-f]{8}-1$/), name: 'session.on_join', session: anonymous },
    {
      id: expect.stringMatching(/^[0-9a-f]{8}-2$/),
      name: 'session.on_leave',
      session: { ...anonymous, authid: 'ann', authrole: 'user' },
    },
  ])
})

describe('figures', () => {
  test('on join and leave, in the words of the original, and add up to the session', async () => {
    const collector = withStats()
    const { events } = await openStream(collector)
    await sendAndLook(collector, [open(1)])
    await sendAndLook(collector, [open(5)])
    collector.clock.now += SECOND
    await sendAndLook(collector, [open(9, { sessionEndReason: 'explicit' })])
    const told = await events(4)
    expect(told.map(({ name }) => name)).toEqual([
      ...['session.on_join', 'session.on_stats', 'session.on_stats', 'session.on_leave'],
    ])
    const bytes = (record: object) => Buffer.byteLength(JSON.stringify(record))
    const size = bytes(open(5)) + bytes(open(9, { sessionEndReason: 'explicit' }))
    expect(told[1].stats).toEqual({
      bytes: bytes(open(1)),
      cycle: 1,
      duration: 1e9,
      durationMs: 1_000,
      first: true,
      last: false,
      messages: 1,
      rated_messages: Math.ceil(bytes(open(1)) / 512),
      serializer: 'json',
      timestamp: (START + 61_000) * 1e6,
      timestampMs: START + 61_000,
      totalMs: 1_000,
      visibleMs: 1_000,
      engagedMs: 1_000,
    })
    expect(told[2].stats).toMatchObject({
      ...{ bytes: size, cycle: 2, durationMs: 8_000, first: false, last: true, messages: 2, engagedMs: 8_000 },
    })
  })

  test('after so many rated messages', async () => {
    const collector = withStats({
      rated_message_size: 256,
      trigger_on_join: false,
      trigger_on_leave: false,
      trigger_after_rated_messages: 5,
    })
    const { events } = await openStream(collector)
    for (const seconds of [1, 2, 3, 4, 5]) await sendAndLook(collector, [open(seconds)])
    await sendAndLook(collector, [open(6, { sessionEndReason: 'max' })])
    const rated = Math.ceil(Buffer.byteLength(JSON.stringify(open(1))) / 256)
    expect(rated).toBe(2) // so the third message is the one
    expect((await events(3)).map(({ name, stats }) => [name, stats?.rated_messages, stats?.messages])).toEqual([
      ['session.on_join', undefined, undefined],
      ['session.on_stats', 6, 3],
      ['session.on_leave', undefined, undefined],
    ])
  })

  test('after a time, whichever comes first, if there is anything to tell', async () => {
    const collector = withStats({ trigger_on_join: false, trigger_on_leave: false, trigger_after_duration: 10 })
    const { events } = await openStream(collector)
    await sendAndLook(collector, [open(1)])
    collector.clock.now += 9_999
    await collector.seen.tick()
    collector.clock.now += 1
    await collector.seen.tick()
    collector.clock.now += 20_000
    await collector.seen.tick() // nothing came since
    await sendAndLook(collector, [open(2)])
    await sendAndLook(collector, [open(3, { sessionEndReason: 'max' })])
    expect((await events(4)).map(({ name, stats }) => [name, stats?.cycle, stats?.durationMs])).toEqual([
      ['session.on_join', undefined, undefined],
      ['session.on_stats', 1, 1_000],
      ['session.on_stats', 2, 1_000],
      ['session.on_leave', undefined, undefined],
    ])
  })

  test('over a restart in order: what was not published is, before the stream ends; the next goes on from there', async () => {
    const file = join(temporaryDirectory(), 'dwelltime.db')
    const live = { stats: new Map([['docs', block()]]), maxClients: 1 }
    const first = createCollector(openSqliteStore(file), { live })
    const before = await openStream(first)
    await sendAndLook(first, [open(1)])
    await sendAndLook(first, [open(5)])
    first.seen.stop()
    expect((await before.events(3)).map(({ stats }) => stats?.durationMs)).toEqual([undefined, 1_000, 4_000])
    expect(await before.reader.read()).toMatchObject({ done: true })
    await first.store.close()

    const second = createCollector(openSqliteStore(file), { live })
    const after = await openStream(second)
    await sendAndLook(second, [open(9, { sessionEndReason: 'max' })])
    expect((await after.events(2)).map(({ name, stats }) => [name, stats?.durationMs, stats?.cycle])).toEqual([
      ['session.on_stats', 4_000, 1],
      ['session.on_leave', undefined, undefined],
    ])
  })

  test('not of sites without a block, nor of what comes after the end', async () => {
    const collector = withStats()
    const { events } = await openStream(collector)
    await sendAndLook(collector, [open(1, { site: 'shop', sessionId: id('5f'), viewId: id('b') })])
    await sendAndLook(collector, [open(1, { sessionEndReason: 'max' })])
    await sendAndLook(collector, [open(2, { sessionEndReason: 'max' })])
    await sendAndLook(collector, [open(1, { site: 'shop', sessionId: id('60'), viewId: id('c') })])
    expect((await events(6)).map(({ name, session }) => `${name} ${session.realm}`)).toEqual([
      'session.on_join shop',
      'session.on_join docs',
      'session.on_stats docs',
      'session.on_stats docs',
      'session.on_leave docs',
      'session.on_join shop',
    ])
  })
})

describe('a client', () => {
  const sessions = (from: number, to: number, changes = {}) =>
    Array.from({ length: to - from }, (_, index) =>
      view({ viewId: id(`a${from + index}`), sessionId: id(`5${from + index}`), ...changes }),
    )

  test('gets only its site', async () => {
    const collector = createCollector()
    const { events } = await openStream(collector, '?site=shop')
    await sendAndLook(collector, sessions(0, 2))
    await sendAndLook(collector, sessions(2, 3, { site: 'shop' }))
    expect((await events(1)).map(({ session }) => session.realm)).toEqual(['shop'])
  })

  test('that comes back gets what it missed, nothing twice', async () => {
    const collector = createCollector()
    const first = await openStream(collector)
    await sendAndLook(collector, sessions(0, 2))
    const [, last] = await first.events(2)
    await first.reader.cancel()
    await sendAndLook(collector, sessions(2, 5))
    const second = await openStream(collector, '', { 'last-event-id': last!.id })
    await sendAndLook(collector, sessions(5, 6))
    expect((await second.events(4)).map(({ session }) => session.session)).toEqual([
      ...[id('52'), id('53'), id('54'), id('55')],
    ])
    expect(second.text()).not.toContain('event: gap')
    const third = await openStream(collector, `?last_event_id=${last!.id}`)
    expect(await third.events(4)).toHaveLength(4)
  })

  test.each(['deadbeef-3', 'nonsense'])('that comes back with the id %s is told that there is a gap', async (last) => {
    const collector = createCollector()
    await sendAndLook(collector, sessions(0, 2))
    const { events } = await openStream(collector, '', { 'last-event-id': last })
    expect((await events(3)).map(({ name }) => name)).toEqual(['gap', 'session.on_join', 'session.on_join'])
  })

  test('that is silent hears that the stream lives', async () => {
    const collector = createCollector(undefined, { heartbeatMs: 5 })
    const { reader, text } = await openStream(collector)
    await vi.waitFor(async () => {
      await reader.read()
      const { value } = await reader.read()
      expect(new TextDecoder().decode(value)).toBe(':\n\n')
    })
    expect(text()).toBe('')
  })

  test('beyond the cap is told to come again; who left makes room', async () => {
    const collector = withStats()
    const streams = [await openStream(collector), await openStream(collector), await openStream(collector)]
    const refused = await collector.read('/api/live')
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      ...[503, '30', { problem: 'live: too many clients' }],
    ])
    await streams[0]!.reader.cancel()
    expect((await openStream(collector)).response.status).toBe(200)
  })

  test('of a collector that is not the keeper is told whom to ask', async () => {
    const collector = createCollector(undefined, { isKeeper: false })
    const response = await collector.read('/api/live')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ problem: 'live: ask the collector that runs with KEEPER=1' })
  })

  test('with a limited token gets only its site', async () => {
    const token = 'site-token-of-the-test'
    const collector = createCollector(undefined, { tokens: { read: [{ token, site: 'shop' }] } })
    const headers = { authorization: `Bearer ${token}` }
    const { events } = await openStream(collector, '', headers)
    expect((await collector.app.request('/api/live?site=docs', { headers }, fromHere)).status).toBe(403)
    await sendAndLook(collector, sessions(0, 2))
    await sendAndLook(collector, sessions(2, 3, { site: 'shop' }))
    expect((await events(1)).map(({ session }) => session.realm)).toEqual(['shop'])
  })
})

test('what was emitted is counted', async () => {
  const collector = withStats()
  await sendAndLook(collector, [open(1, { sessionEndReason: 'max' })])
  expect(await collector.metrics('mcp_event_emit_success_total{')).toEqual([
    'mcp_event_emit_success_total{component_name="docs",event_type="session_start"} 1',
    'mcp_event_emit_success_total{component_name="docs",event_type="session_stats"} 2',
    'mcp_event_emit_success_total{component_name="docs",event_type="session_end"} 1',
  ])
  expect(await collector.metrics('mcp_event_emit_duration_seconds_count{')).toHaveLength(3)
})
