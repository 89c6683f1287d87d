import { describe, expect, test } from 'vitest'
import { createCollector } from '../support/collector.ts'
import { id, START } from '../support/records.ts'
import { collectOn, DAY, exactly, HOUR, MINUTE, TODAY, visit } from '../support/visits.ts'
import type { StoreUnderTest } from './keeping.contract.ts'

export function rangesContract(name: string, open: () => Promise<StoreUnderTest>): void {
  const collect = collectOn(open)

  describe(`${name}: empty ranges`, () => {
    test('have no pages, no users, no trend to speak of', async () => {
      const { report, client } = await collect(visit(START, 1_000))
      const empty = { start_date: '2026-05-01', end_date: '2026-05-01' }
      for (const of of ['pages', 'thresholds', 'timers', 'campaigns', 'retention', 'session-lengths'] as const) {
        expect(await report(of, empty)).toEqual([])
      }
      expect(await report('inactive-users', { ...empty, days: '1' })).toEqual([])
      expect(await report('overview', empty)).toMatchObject([
        { views: exactly(0), sessions: exactly(0), sessionMs: { p50: null }, engagedOfVisible: 0 },
      ])
      expect(await report('survival', empty)).toHaveLength(5)
      expect(await report('breaks', empty)).toMatchObject([{ kind: 'all', breaks: exactly(0), totalMs: 0 }])
      expect(await report('timeline', { session: id('0') })).toEqual([])
      expect(await report('trend', empty)).toMatchObject([{ day: '2026-05-01', views: exactly(0), visibleMs: null }])
      expect(await client.sessionDuration(empty)).toEqual({ results: [] })
    })
  })

  describe(`${name}: the sessions that came by a page`, () => {
    test('are those that began in the range, whenever they came there', async () => {
      const midnight = Date.parse('2026-06-16T00:00:00Z')
      const early = visit(midnight - 3 * MINUTE, MINUTE)
      const late = visit(midnight - 2 * MINUTE, MINUTE, { path: '/other' })
      const { store } = await open()
      const { clock, send, report, client } = createCollector(store)
      clock.now = midnight + 2 * DAY
      await send([early, visit(midnight + MINUTE, MINUTE, { sessionId: early.sessionId, path: '/read', spans: [] })])
      await send([late, visit(midnight + 2 * MINUTE, MINUTE)])
      const sessionsOn = async (day: string, page: string) => {
        const asked = { start_date: day, end_date: day, page }
        const [overview] = await report('overview', asked)
        const [trend] = await report('trend', asked)
        const { results } = await client.sessionDuration(asked)
        return [overview!.sessions.sampled, trend!.sessions.sampled, results.length]
      }
      expect(await sessionsOn('2026-06-15', '/read')).toEqual([1, 1, 1])
      expect(await sessionsOn('2026-06-16', '/read')).toEqual([0, 0, 0])
      expect(await sessionsOn('2026-06-15', '/oth*')).toEqual([1, 1, 1])
      expect(await sessionsOn('2026-06-15', '/none')).toEqual([0, 0, 0])
    })
  })

  describe(`${name}: time zones`, () => {
    test('a day is that day in the zone, also when the clocks change', async () => {
      const start = Date.parse('2026-10-24T22:00:00Z') // midnight in Berlin; this day has 25 hours
      const { store } = await open()
      const { clock, send, report, client } = createCollector(store)
      clock.now = start + 3 * DAY
      await send([
        visit(start - 1, 1_000),
        visit(start, 2_000),
        visit(start + 25 * HOUR - 1, 4_000),
        visit(start + 25 * HOUR, 8_000),
      ])
      const berlin = { start_date: '2026-10-25', end_date: '2026-10-25', timezone: 'Europe/Berlin' }
      expect(await client.sessionDuration(berlin)).toEqual({
        results: [{ user_id: 'visitor-1', average_duration: 3 }],
      })
      expect(await report('overview', berlin)).toMatchObject([{ views: exactly(2), sessions: exactly(2) }])
      const days = await report('trend', { ...berlin, start_date: '2026-10-24', end_date: '2026-10-26' })
      expect(days.map(({ day, views }) => [day, views.sampled])).toEqual([
        ['2026-10-24', 1],
        ['2026-10-25', 2],
        ['2026-10-26', 1],
      ])
    })

    test('a spring day has 23 hours, and quarters of an hour are no obstacle', async () => {
      const start = Date.parse('2026-03-28T18:15:00Z') // midnight in Kathmandu
      const { store } = await open()
      const { clock, send, report } = createCollector(store)
      clock.now = start + 2 * DAY
      await send([
        visit(start - 1, 1_000),
        visit(start, 1_000),
        visit(start + DAY - 1, 1_000),
        visit(start + DAY, 1_000),
      ])
      const nepal = { start_date: '2026-03-29', end_date: '2026-03-29', timezone: 'Asia/Kathmandu' }
      expect(await report('overview', nepal)).toMatchObject([{ views: exactly(2) }])
      // Berlin's day begins at 23:00 UTC and is 23 hours long.
      const berlin = { ...nepal, timezone: 'Europe/Berlin' }
      expect(await report('overview', berlin)).toMatchObject([{ views: exactly(2) }])
    })

    test('a wrong clock is corrected by what it is wrong, if that is more than a minute', async () => {
      const { store } = await open()
      const { clock, send, report } = createCollector(store)
      clock.now = START + 2 * DAY
      await send([visit(START, 1_000)], { sentAt: clock.now - DAY }) // a day behind
      await send([visit(START, 1_000)], { sentAt: clock.now - MINUTE })
      const days = await report('trend', { start_date: '2026-06-15', end_date: '2026-06-16' })
      expect(days.map(({ views, sessions }) => [views.sampled, sessions.sampled])).toEqual([
        [1, 1],
        [1, 1],
      ])
      const facts = new Map((await report('data-quality', TODAY)).map(({ fact, amount }) => [fact, amount]))
      expect(facts.get('views')).toBe(1)
      const next = await report('data-quality', { start_date: '2026-06-16', end_date: '2026-06-16' })
      expect(next).toContainEqual({ fact: 'sessions_with_a_wrong_clock', amount: 1 })
    })
  })
}
