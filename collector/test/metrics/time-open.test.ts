import { describe, expect, test } from 'vitest'
import { createCollector } from '../support/collector.ts'
import { id, START, view } from '../support/records.ts'

// The sentences that the original's counter of session time was tested with, and what it could not do.

const MINUTE = 60_000

const total = async ({ metrics }: ReturnType<typeof createCollector>) => {
  const [line] = await metrics('session_duration_seconds_total{component_name="docs"}')
  return Number(line?.split(' ').at(-1))
}

/** A view from `from` to `to` minutes after the start, engaged throughout. */
const open = (from: number, to: number, changes = {}) => {
  const lengthMs = (to - from) * MINUTE
  return view({
    startedAt: START + from * MINUTE,
    lastActivityAt: START + to * MINUTE,
    ...{ totalMs: lengthMs, visibleMs: lengthMs, engagedMs: lengthMs, spans: [['engaged', 0, lengthMs]] },
    state: 'active',
    ...changes,
  })
}

const over = { endReason: 'leave', sessionEndReason: 'explicit' } as const

function createWorld() {
  const collector = createCollector(undefined, { sites: new Map([['docs', []]]) })
  collector.clock.now = START + 60 * MINUTE
  return collector
}

test('initial stats are zero', async () => {
  const { metrics } = createWorld()
  const lines = (await metrics('')).filter((line) => line.includes('component_name="docs"'))
  expect(lines.filter((line) => !line.endsWith(' 0'))).toEqual([])
  expect(lines).toEqual(
    expect.arrayContaining([
      'session_start_total{component_name="docs",shell_type="ScriptTag"} 0',
      'session_start_total{component_name="docs",shell_type="NpmModule"} 0',
      'session_end_total{component_name="docs",status="success"} 0',
      'session_end_total{component_name="docs",status="error"} 0',
      'session_duration_seconds_count{component_name="docs"} 0',
      'session_duration_seconds_total{component_name="docs"} 0',
      'active_sessions{component_name="docs"} 0',
    ]),
  )
})

test('accumulated on close', async () => {
  const collector = createWorld()
  await collector.send([open(0, 2, over)])
  expect(await total(collector)).toBe(120)
})

test('accumulated from several sessions', async () => {
  const collector = createWorld()
  await collector.send([open(0, 1, over), open(0, 4, { ...over, viewId: id('b'), sessionId: id('5f') })])
  expect(await total(collector)).toBe(300)
})

test('accumulated on disconnect: what was told last counts, though nothing more comes', async () => {
  const collector = createWorld()
  await collector.send([open(0, 2)])
  collector.clock.now = START + 120 * MINUTE
  await collector.reap()
  expect(await collector.metrics('session_end_total{component_name="docs",status="error"}')).toEqual([
    'session_end_total{component_name="docs",status="error"} 1',
  ])
  expect(await total(collector)).toBe(120)
})

test('not counted twice when closed from storage', async () => {
  const collector = createWorld()
  await collector.send([open(0, 2)])
  collector.clock.now = START + 120 * MINUTE
  await collector.reap()
  await collector.send([open(0, 2, { seq: 2, ...over }), open(0, 2, { seq: 2, ...over })])
  expect(await total(collector)).toBe(120)
})

test('with reconnect, the time between is not counted', async () => {
  const collector = createWorld()
  await collector.send([open(0, 2, { endReason: 'leave' }), open(5, 6, { viewId: id('b'), ...over })])
  expect(await total(collector)).toBe(180)
})

test('format', async () => {
  const { metrics } = createWorld()
  expect(await metrics('# HELP session_duration_seconds_total')).toEqual([
    '# HELP session_duration_seconds_total Total time with a page open in seconds, growing while sessions go on',
  ])
  expect(await metrics('# TYPE session_duration_seconds_total')).toEqual([
    '# TYPE session_duration_seconds_total counter',
  ])
  expect(await metrics('session_duration_seconds_total{')).toEqual([
    'session_duration_seconds_total{component_name="docs"} 0',
  ])
})

describe('while a session is open', () => {
  test('it moves, up to the last engaged instant; the rest comes at the end', async () => {
    const collector = createWorld()
    await collector.send([open(0, 2)])
    expect(await total(collector)).toBe(120)
    const idle = {
      ...{ seq: 2, totalMs: 10 * MINUTE, visibleMs: 10 * MINUTE, engagedMs: 3 * MINUTE },
      spans: [
        ['engaged', 0, 3 * MINUTE],
        ['idle', 3 * MINUTE, 10 * MINUTE],
      ],
    }
    await collector.send([open(0, 10, idle)])
    expect(await total(collector)).toBe(180)
    await collector.send([open(0, 10, { ...idle, seq: 3, ...over })])
    expect(await total(collector)).toBe(600)
  })

  test('what the end cuts off was not counted before', async () => {
    const collector = createWorld()
    const spans = [
      ['engaged', 0, MINUTE],
      ['idle', MINUTE, 30 * MINUTE],
    ]
    const times = { totalMs: 30 * MINUTE, visibleMs: 30 * MINUTE, engagedMs: MINUTE, spans }
    await collector.send([open(0, 30, times)])
    expect(await total(collector)).toBe(60)
    const cut = { ...times, totalMs: MINUTE, visibleMs: MINUTE, spans: [['engaged', 0, MINUTE]] }
    await collector.send([open(0, 30, { ...cut, seq: 2, endReason: 'inactivity', sessionEndReason: 'inactivity' })])
    expect(await total(collector)).toBe(60)
  })

  test('tabs side by side count once, sleep not at all', async () => {
    const collector = createWorld()
    const asleep = {
      ...{ totalMs: 2 * MINUTE, visibleMs: 2 * MINUTE, engagedMs: 2 * MINUTE },
      spans: [
        ['engaged', 0, MINUTE],
        ['suspended', MINUTE, 5 * MINUTE],
        ['engaged', MINUTE, 2 * MINUTE],
      ],
    }
    await collector.send([open(0, 7, asleep), open(0, 1, { viewId: id('b'), ...over })])
    expect(await total(collector)).toBe(120)
  })

  test('it never falls, whatever comes', async () => {
    const collector = createWorld()
    await collector.send([open(0, 5)])
    expect(await total(collector)).toBe(300)
    const shorter = { seq: 2, totalMs: MINUTE, visibleMs: MINUTE, engagedMs: MINUTE, spans: [['engaged', 0, MINUTE]] }
    await collector.send([open(0, 5, shorter)])
    expect(await total(collector)).toBe(300)
    await collector.send([open(0, 6, { seq: 3 })])
    expect(await total(collector)).toBe(360)
  })
})

test('seconds that accrue bit by bit are those of the whole', async () => {
  const collector = createWorld()
  const totals = []
  for (let seq = 1; seq <= 3; seq++) {
    const ms = seq * 100
    const clocks = { totalMs: ms, visibleMs: ms, engagedMs: ms }
    const instants = { startedAt: START, lastActivityAt: START + ms }
    await collector.send([view({ seq, ...clocks, ...instants, spans: [['engaged', 0, ms]], state: 'active' })])
    totals.push(await total(collector))
  }
  expect(totals).toEqual([0.1, 0.2, 0.3]) // 0.1 + 0.1 + 0.1 is not
})
