import type { Span, SpanKind } from 'dwelltime/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { abandonedEnd, aliveUntil, heartbeatMs, measureSession, toldEnd } from '../../src/sessions/session.ts'
import type { ReceivedView } from '../../src/store/store.ts'
import { id, received, START } from '../support/records.ts'

const MINUTE = 60_000

describe('what the views of a session say together', () => {
  test('one view', () => {
    expect(measureSession([received({ sessionStartedAt: START - 500 })])).toEqual({
      sessionId: id('5e'),
      site: 'docs',
      client: 'ScriptTag',
      userId: null,
      visitorId: 'visitor-1',
      people: ['visitor-1'],
      startedAt: START - 500,
      endedAt: START + MINUTE,
      lastActivityAt: START + MINUTE,
      durationMs: MINUTE + 500,
      totalMs: MINUTE,
      visibleMs: MINUTE,
      engagedMs: MINUTE,
      samplingRate: 1,
      viewCount: 1,
      entryPath: '/learn/algebra',
      exitPath: '/learn/algebra',
      pageGroup: '',
      referrer: '',
      campaign: '',
      device: 'desktop',
      isBot: false,
      skewMs: 0,
      breaks: [],
      tenths: [5_550, ...Array(9).fill(6_050)],
    })
  })

  test('it starts with its first view, even if that began before the session was minted', () => {
    const early = received({ viewId: id('1'), startedAt: START - 2_000 })
    expect(measureSession([received(), early]).startedAt).toBe(START - 2_000)
  })

  test('two views one after the other: the gap is in the duration, not in the clocks', () => {
    const second = received({ viewId: id('b'), startedAt: START + 5 * MINUTE, lastActivityAt: START + 6 * MINUTE })
    expect(measureSession([received(), second])).toMatchObject({
      durationMs: 6 * MINUTE,
      totalMs: 2 * MINUTE,
      visibleMs: 2 * MINUTE,
      engagedMs: 2 * MINUTE,
    })
  })

  test('two windows side by side: what was visible twice counts once', () => {
    const beside = received({ viewId: id('b'), startedAt: START + 30_000 })
    expect(measureSession([received(), beside])).toMatchObject({
      durationMs: 90_000,
      totalMs: 90_000,
      visibleMs: 90_000,
      engagedMs: 90_000,
    })
  })

  test('visible is never more than the views counted, whatever their spans say', () => {
    const view = received({ visibleMs: 1_000, engagedMs: 500 })
    expect(measureSession([view])).toMatchObject({ visibleMs: 1_000, engagedMs: 500 })
  })

  test('hidden time at the end is in the total, and ends nothing', () => {
    const left = received({
      totalMs: 10 * MINUTE,
      visibleMs: MINUTE,
      spans: [
        ['engaged', 0, MINUTE],
        ['hidden', MINUTE, 10 * MINUTE],
      ],
    })
    expect(measureSession([left])).toMatchObject({ durationMs: MINUTE, totalMs: 10 * MINUTE, visibleMs: MINUTE })
  })

  test('sleep is in the duration, in no clock', () => {
    const slept = received({
      spans: [
        ['engaged', 0, 30_000],
        ['suspended', 30_000, 5 * MINUTE],
        ['engaged', 30_000, MINUTE],
      ],
    })
    expect(measureSession([slept])).toMatchObject({ durationMs: 6 * MINUTE, totalMs: MINUTE, visibleMs: MINUTE })
  })

  test('a session in which nothing was visible ends where it started', () => {
    const never = received({ visibleMs: 0, engagedMs: 0, spans: [['hidden', 0, MINUTE]] })
    expect(measureSession([never])).toMatchObject({ endedAt: START, durationMs: 0, visibleMs: 0, totalMs: MINUTE })
  })

  test('a trim shrinks it again: the newest record is all that counts', () => {
    const trimmed = received({ totalMs: 10_000, visibleMs: 10_000, engagedMs: 10_000, spans: [['engaged', 0, 10_000]] })
    expect(measureSession([trimmed]).durationMs).toBe(10_000)
  })

  test('who: the last one told; an empty text tells nothing', () => {
    const before = received({ viewId: id('1'), lastActivityAt: START + 1, userId: 'before' })
    const login = received({ viewId: id('2'), lastActivityAt: START + 2, userId: 'after' })
    const logout = received({ viewId: id('3'), lastActivityAt: START + 3, userId: '' })
    expect(measureSession([login, logout, before]).userId).toBe('after')
  })

  test('a wrong clock moves all instants alike and no length', () => {
    const hourBehind = { skewMs: 60 * MINUTE }
    const views = [
      received({}, { ...hourBehind, receivedAt: START + 61 * MINUTE }),
      received({ viewId: id('b'), startedAt: START + MINUTE }, { skewMs: null, receivedAt: START + 63 * MINUTE }),
    ]
    expect(measureSession(views)).toMatchObject({
      startedAt: START + 60 * MINUTE,
      endedAt: START + 62 * MINUTE,
      lastActivityAt: START + 61 * MINUTE,
      durationMs: 2 * MINUTE,
      visibleMs: 2 * MINUTE,
    })
    expect(measureSession([received({}, { skewMs: MINUTE })]).startedAt).toBe(START)
    expect(measureSession([received({}, { skewMs: -MINUTE - 1 })]).startedAt).toBe(START - MINUTE - 1)
  })
})

describe('how it ended', () => {
  test('any view may tell', () => {
    const views = [received({ viewId: id('1') }), received({ viewId: id('2'), sessionEndReason: 'explicit' })]
    expect(toldEnd(views)).toEqual({ status: 'success', endReason: 'explicit' })
    expect(toldEnd([received({ endReason: 'leave' })])).toEqual({ status: 'open', endReason: null })
  })

  test.each([
    ['hidden', undefined, 'success', 'inactivity'],
    ['frozen', undefined, 'success', 'inactivity'],
    ['active', 'leave', 'success', 'inactivity'],
    ['passive', 'route', 'success', 'inactivity'],
    ['active', undefined, 'error', 'reaped'],
    ['passive', undefined, 'error', 'reaped'],
  ] as const)('nobody tells, last heard of %s, view ended by %s: %s, %s', (state, endReason, status, reason) => {
    const other = received({ viewId: id('b'), state: 'hidden' })
    const view = received({ state, ...(endReason && { endReason }) })
    expect(abandonedEnd([other, view])).toEqual({ status, endReason: reason })
  })

  test('the visitor may still be there until the timeout after the last sign of any view', () => {
    const active = received({ lastActivityAt: START, sessionTimeoutMs: 1_000 }, { receivedAt: START + 5_000 })
    const heard = received({ lastActivityAt: START + 9_000, sessionTimeoutMs: 2_000 }, { receivedAt: START + 3_000 })
    expect(aliveUntil([active])).toBe(START + 6_000)
    expect(aliveUntil([active, heard])).toBe(START + 11_000)
    expect(heartbeatMs([active, received({ heartbeatMs: 90_000 })])).toBe(90_000)
  })

  test('activity by a clock that was ahead does not keep the session alive', () => {
    const ahead = received(
      { lastActivityAt: START + 60 * MINUTE, sessionTimeoutMs: 0 },
      { skewMs: -60 * MINUTE, receivedAt: START + 10 },
    )
    expect(aliveUntil([ahead])).toBe(START + 10)
  })
})

const kinds: SpanKind[] = ['engaged', 'idle', 'unfocused', 'hidden']

/** A view as a page could have measured it: spans without gaps, clocks that are their sums, sleep in between. */
const someView = fc
  .record({
    number: fc.nat(5),
    startedAt: fc.nat(100_000),
    pieces: fc.array(fc.tuple(fc.constantFrom(...kinds, 'suspended' as const), fc.nat(20_000)), { maxLength: 12 }),
    lastActivityAt: fc.nat(200_000),
    userId: fc.option(fc.constantFrom('ann', 'bob', ''), { nil: undefined }),
    skewMs: fc.option(fc.integer({ min: -200_000, max: 200_000 })),
    receivedAt: fc.nat(300_000),
  })
  .map(({ number, startedAt, pieces, lastActivityAt, userId, skewMs, receivedAt }): ReceivedView => {
    const spans: Span[] = []
    let totalMs = 0
    for (const [kind, lengthMs] of pieces) {
      if (kind === 'suspended') {
        spans.push([kind, totalMs, lengthMs])
        continue
      }
      spans.push([kind, totalMs, totalMs + lengthMs])
      totalMs += lengthMs
    }
    const sumOf = (...of: string[]) =>
      spans.reduce((sum, [kind, from, to]) => sum + (of.includes(kind) ? to - from : 0), 0)
    return received(
      {
        viewId: id(`${number}`),
        startedAt: START + startedAt,
        lastActivityAt: START + lastActivityAt,
        totalMs,
        visibleMs: sumOf('engaged', 'idle', 'unfocused'),
        engagedMs: sumOf('engaged'),
        spans,
        ...(userId !== undefined && { userId }),
      },
      { skewMs, receivedAt: START + receivedAt },
    )
  })

const someViews = fc.uniqueArray(someView, { minLength: 1, selector: (view) => view.record.viewId })

describe('for any views', () => {
  test('engaged <= visible <= total, and visible <= duration', () => {
    fc.assert(
      fc.property(someViews, (views) => {
        const { engagedMs, visibleMs, totalMs, durationMs, startedAt, endedAt } = measureSession(views)
        expect(engagedMs).toBeGreaterThanOrEqual(0)
        expect(engagedMs).toBeLessThanOrEqual(visibleMs)
        expect(visibleMs).toBeLessThanOrEqual(totalMs)
        expect(visibleMs).toBeLessThanOrEqual(durationMs)
        expect(endedAt - startedAt).toBe(durationMs)
      }),
    )
  })

  test('one alone keeps its clocks', () => {
    fc.assert(
      fc.property(someView, (view) => {
        const { totalMs, visibleMs, engagedMs } = view.record
        expect(measureSession([view])).toMatchObject({ totalMs, visibleMs, engagedMs })
      }),
    )
  })

  test('the order of the views does not matter', () => {
    const shuffled = someViews.chain((views) =>
      fc.tuple(fc.constant(views), fc.shuffledSubarray(views, { minLength: views.length })),
    )
    fc.assert(
      fc.property(shuffled, ([views, other]) => {
        expect(measureSession(other)).toEqual(measureSession(views))
        expect(aliveUntil(other)).toBe(aliveUntil(views))
      }),
    )
  })
})
