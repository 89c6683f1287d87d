import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { settle } from '../../src/sessions/keeper.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import { createCollector } from '../support/collector.ts'
import { id, received, START, view } from '../support/records.ts'

const MINUTE = 60_000
const GRACE = 5 * MINUTE

/** When nothing more can come of a view of one minute, received a second later: timeout 31 minutes, then the grace. */
const OVER = START + 61_000 + 31 * MINUTE + GRACE

describe('the reaper ends what nobody is alive to end', () => {
  test('a visitor who left: the normal end, at the last visible instant, not when we noticed', async () => {
    const { send, reap, clock, sessions } = createCollector()
    await send([view({ endReason: 'leave' })])

    clock.now = OVER - 1
    await reap()
    expect(await sessions()).toMatchObject([{ status: 'open', endReason: null }])
    clock.now = OVER
    await reap()
    expect(await sessions()).toMatchObject([
      { status: 'success', endReason: 'inactivity', endedAt: START + MINUTE, durationMs: MINUTE },
    ])
  })

  test('a page lost while it was shown: an error', async () => {
    const { send, reap, clock, sessions } = createCollector()
    await send([view({ state: 'active' }), view({ viewId: id('b'), state: 'hidden' })])
    clock.now = OVER
    await reap()
    expect(await sessions()).toMatchObject([{ status: 'error', endReason: 'reaped', durationMs: MINUTE }])
  })

  test('not before the longest heartbeat could have been heard', async () => {
    const { send, reap, clock, sessions } = createCollector()
    await send([view({ heartbeatMs: GRACE + 1_000 })])
    clock.now = OVER
    await reap()
    expect(await sessions()).toMatchObject([{ status: 'open' }])
    clock.now = OVER + 1_000
    await reap()
    expect(await sessions()).toMatchObject([{ status: 'success' }])
  })

  test('any new record keeps the session open', async () => {
    const { send, reap, clock, sessions } = createCollector()
    await send([view()])
    clock.now = OVER - 1
    await send([view({ seq: 2 })])
    clock.now = OVER
    await reap()
    expect(await sessions()).toMatchObject([{ status: 'open' }])
  })

  test('never within the grace of its own start: what it missed is on its way', async () => {
    const { send, reap, clock, sessions } = createCollector()
    await send([view({ sessionTimeoutMs: 0, heartbeatMs: 0 })]) // received at START + 61 s, listening since START
    clock.now = START + GRACE - 1
    await reap()
    expect(await sessions()).toMatchObject([{ status: 'open' }])

    const old = createCollector()
    await old.store.append([received({ sessionTimeoutMs: 0, heartbeatMs: 0 }, { receivedAt: START - 60 * MINUTE })])
    old.clock.now = START + GRACE - 1
    await old.reap()
    expect(await old.sessions()).toMatchObject([{ status: 'open' }])
    old.clock.now = START + 2 * GRACE
    await old.reap()
    expect(await old.sessions()).toMatchObject([{ status: 'success' }])
  })

  test('more than it takes at one look, in several', async () => {
    const { store, reap, clock, metrics } = createCollector()
    const views = Array.from({ length: 450 }, (_, index) =>
      received({ viewId: id(`a${index}`), sessionId: id(`5${index}`) }),
    )
    await store.append(views)
    clock.now = OVER
    for (let look = 0; look < 3; look++) await reap()
    expect(await metrics('session_end_total')).toEqual([
      'session_end_total{component_name="docs",status="success"} 450',
    ])
    expect(await metrics('active_sessions')).toEqual(['active_sessions{component_name="docs"} 0'])
  })
})

describe('an end that a tab tells', () => {
  test('ends the session at once, other tabs or not', async () => {
    const { send, sessions } = createCollector()
    await send([
      view({ viewId: id('b'), state: 'active' }),
      view({ endReason: 'explicit', sessionEndReason: 'explicit' }),
    ])
    expect(await sessions()).toMatchObject([{ status: 'success', endReason: 'explicit' }])
  })
})

describe('what arrives after the end', () => {
  test('amends the session, opens no second one and counts nothing twice', async () => {
    const { send, reap, clock, sessions, metrics } = createCollector()
    await send([view({ state: 'active' })])
    clock.now = OVER
    await reap()
    const late = view({ viewId: id('b'), startedAt: START + MINUTE, lastActivityAt: START + 2 * MINUTE })
    await send([view({ seq: 2, state: 'hidden' }), late])

    expect(await sessions()).toMatchObject([{ status: 'success', endReason: 'inactivity', durationMs: 2 * MINUTE }])
    expect(await metrics('session_')).toEqual([
      'session_start_total{component_name="docs",shell_type="ScriptTag"} 1',
      'session_end_total{component_name="docs",status="error"} 1',
      ...[60, 300, 900, 1800, 3600, 7200, 14400, 28800, '+Inf'].map(
        (le) => `session_duration_seconds_bucket{component_name="docs",le="${le}"} 1`,
      ),
      'session_duration_seconds_sum{component_name="docs"} 60',
      'session_duration_seconds_count{component_name="docs"} 1',
      'session_duration_seconds_total{component_name="docs"} 60',
      'session_quality_score{component_name="docs"} 100',
      'session_amended_total{component_name="docs"} 1',
    ])
    expect(await metrics('active_sessions')).toEqual(['active_sessions{component_name="docs"} 0'])
  })

  test('never reopens it', async () => {
    const { send, reap, clock, sessions } = createCollector()
    await send([view()])
    clock.now = OVER
    await reap()
    await send([view({ seq: 2, state: 'active' })])
    expect(await sessions()).toMatchObject([{ status: 'error', endReason: 'reaped' }])
    await send([view({ seq: 3, sessionEndReason: 'suspended' })])
    expect(await sessions()).toMatchObject([{ status: 'success', endReason: 'suspended' }])
  })

  test('a duplicate amends nothing', async () => {
    const { send, metrics } = createCollector()
    const ended = view({ sessionEndReason: 'max' })
    await send([ended])
    expect(await metrics('session_amended')).toEqual([])
    await send([ended, view({ seq: 0 + 1, totalMs: 99_000 })])
    expect(await metrics('session_amended')).toEqual([])
  })
})

describe('looking from several places at once', () => {
  test('counts each session once', async () => {
    const store = openSqliteStore(':memory:')
    const { metrics } = createCollector(store)
    const views = Array.from({ length: 500 }, (_, index) =>
      received({ viewId: id(`a${index}`), sessionId: id(`5${index}`), sessionEndReason: 'max' }),
    )
    await store.append(views)
    await Promise.all([settle(store), settle(store), settle(store)])
    expect(await metrics('session_start')).toEqual([
      'session_start_total{component_name="docs",shell_type="ScriptTag"} 500',
    ])
    expect(await metrics('session_duration_seconds_count')).toEqual([
      'session_duration_seconds_count{component_name="docs"} 500',
    ])
  })

  test('a session that changes between look and keeping is left for the next look', async () => {
    const store = openSqliteStore(':memory:')
    const { sessions, metrics } = createCollector(store)
    await store.append([received()])
    const raced = {
      ...store,
      async keep(...keepings: Parameters<typeof store.keep>) {
        await store.append([received({ seq: 2, totalMs: 120_000 })])
        return store.keep(...keepings)
      },
    }
    await settle(raced)
    expect(await store.counters()).toEqual([])
    expect(await sessions()).toMatchObject([{ totalMs: 120_000 }])
    expect(await metrics('session_start')).toEqual([
      'session_start_total{component_name="docs",shell_type="ScriptTag"} 1',
    ])
  })
})

test('shuffled, repeated, in any portions: the same session and the same counts', async () => {
  const records = [
    view({ viewId: id('a'), seq: 1, totalMs: 10_000, visibleMs: 10_000, engagedMs: 5_000 }),
    view({ viewId: id('a'), seq: 2, state: 'hidden', endReason: 'leave' }),
    view({ viewId: id('b'), seq: 1, startedAt: START + 30_000, userId: 'ann', state: 'active' }),
    view({ viewId: id('b'), seq: 2, startedAt: START + 30_000, userId: 'ann' }),
    view({ viewId: id('c'), seq: 1, startedAt: START + 90_000, path: '/other', totalMs: 70_000 }),
  ]
  async function outcome(portions: (typeof records)[]) {
    const { send, reap, clock, sessions, metrics } = createCollector()
    for (const portion of portions) await send(portion)
    const open = await sessions()
    clock.now = OVER
    await reap()
    return { open, ended: await sessions(), counts: [await metrics('session_'), await metrics('active_')] }
  }
  const expected = await outcome([records])
  expect(expected.ended).toMatchObject([{ durationMs: 150_000, userId: 'ann', status: 'success' }])

  const portions = fc
    .tuple(fc.shuffledSubarray(records, { minLength: 5 }), fc.array(fc.constantFrom(...records)), fc.nat(5))
    .map(([all, again, cut]) => [all.slice(0, cut), again, all.slice(cut), again])
  await fc.assert(
    fc.asyncProperty(portions, async (portions) => {
      expect(await outcome(portions)).toEqual(expected)
    }),
    { numRuns: 50 },
  )
})
