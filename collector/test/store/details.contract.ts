import type { ViewRecord } from 'dwelltime/protocol'
import { describe, expect, test } from 'vitest'
import { id, START } from '../support/records.ts'
import { about, collectOn, DAY, HOUR, MINUTE, TODAY, visit } from '../support/visits.ts'
import type { StoreUnderTest } from './keeping.contract.ts'

/** The reports that the dashboard asks beside those that everybody asks. */
export function detailsContract(name: string, open: () => Promise<StoreUnderTest>): void {
  const collect = collectOn(open)

  describe(`${name}: details`, () => {
    test('distribution: how many of each length, weighted, of the pages asked', async () => {
      const { report } = await collect(
        visit(START, 0),
        visit(START, 10_000, { engagedMs: 5_000 }),
        visit(START, 10_010, { engagedMs: 5_000, samplingRate: 0.5 }),
        visit(START, 60_000, { path: '/other' }),
      )
      const rows = await report('distribution', { ...TODAY, page: '/learn/*' })
      expect(rows.map(({ visible, engaged }) => [visible, engaged])).toEqual([
        [1, 1],
        [0, 3],
        [3, 0],
      ])
      expect(rows[0]).toMatchObject({ fromMs: 0, toMs: 0 })
      for (const [at, ms] of [
        [1, 5_000],
        [2, 10_000],
      ] as const) {
        expect(rows[at]!.fromMs).toBeLessThanOrEqual(ms)
        expect(rows[at]!.toMs).toBeGreaterThan(ms)
        expect(rows[at]!.toMs / rows[at]!.fromMs).toBeCloseTo(1.02 ** 5, 2)
      }
    })

    test('session-distribution has the duration, too', async () => {
      const spans: ViewRecord['spans'] = [
        ['engaged', 0, 10_000],
        ['idle', 10_000, 20_000],
        ['hidden', 20_000, 30_000],
      ]
      const { report } = await collect(visit(START, 30_000, { visibleMs: 20_000, engagedMs: 10_000, spans }))
      const rows = await report('session-distribution', TODAY)
      expect(rows.reduce((sum, { duration }) => sum + duration, 0)).toBe(1)
      const engaged = rows.find((row) => row.engaged === 1)!
      expect([engaged.fromMs <= 10_000, engaged.toMs > 10_000]).toEqual([true, true])
    })

    test('reading: scroll depth and vitals beside engaged time', async () => {
      const { report } = await collect(
        visit(START, 10_000, { scrollDepth: 0.2, vitals: { lcp: 2_500, cls: 0.3 } }),
        visit(START, 20_000, { scrollDepth: 1, vitals: { lcp: 2_501 } }),
        visit(START, 40_000, { scrollDepth: 1, vitals: { lcp: 9_000, constructor: 1 } }),
        visit(START, 90_000, { path: '/other', scrollDepth: 0.5 }),
      )
      expect(await report('reading', { ...TODAY, page: '/learn/algebra' })).toEqual([
        { measure: 'scroll', band: 'under 25 %', views: 1, share: 0.3333, value: 0.2, engagedMs: 10_000 },
        { measure: 'scroll', band: 'to the end', views: 2, share: 0.6667, value: 1, engagedMs: 20_000 },
        { measure: 'lcp', band: 'good', views: 1, share: 0.3333, value: 2_500, engagedMs: 10_000 },
        { measure: 'lcp', band: 'middling', views: 1, share: 0.3333, value: 2_501, engagedMs: 20_000 },
        { measure: 'lcp', band: 'poor', views: 1, share: 0.3333, value: 9_000, engagedMs: 40_000 },
        { measure: 'cls', band: 'poor', views: 1, share: 1, value: 0.3, engagedMs: 10_000 },
      ])
    })

    test('users as POST /api/session-duration has them, sorted, a portion at a time', async () => {
      const { report, client } = await collect(
        visit(START, 10_000, { userId: 'ann', samplingRate: 0.5 }),
        visit(START + HOUR, 40_000, { userId: 'ann' }),
        visit(START, 30_000, { userId: 'bob' }),
        visit(START, 5_000, { userId: 'cem' }),
        visit(START, 90_000, { visitorId: '' }),
      )
      const rows = await report('users', TODAY)
      const { results } = await client.sessionDuration(TODAY)
      expect(rows.map(({ user, averageDurationMs }) => [user, averageDurationMs / 1_000])).toEqual([
        ['bob', 30],
        ['ann', 20],
        ['cem', 5],
      ])
      const durations = new Map(results.map(({ user_id, average_duration }) => [user_id, average_duration]))
      for (const { user, averageDurationMs } of rows) expect(durations.get(user)).toBe(averageDurationMs / 1_000)
      expect(rows[1]).toMatchObject({ sessions: 2, engagedMs: 50_000, lastActivityAt: START + HOUR + 40_000 })
      const names = async (query: object) => (await report('users', { ...TODAY, ...query })).map(({ user }) => user)
      expect(await names({ sort: 'sessions', limit: '1' })).toEqual(['ann'])
      expect(await names({ sort: 'user', order: 'asc', limit: '2', offset: '1' })).toEqual(['bob', 'cem'])
    })

    test('now: who is here, and what the last half hour brought', async () => {
      const collector = await collect()
      collector.clock.now = START + DAY + 5_000
      const at = collector.clock.now
      const lately = (agoMs: number, changes: object) =>
        visit(at - agoMs, 1_000, { state: 'active', reason: 'heartbeat', title: 'A title', ...changes })
      await collector.send([
        lately(10_000, { path: '/a', sessionId: id('51') }),
        lately(10_000, { path: '/b', sessionId: id('51'), state: 'passive' }),
        lately(10_000, { path: '/a', sessionId: id('52'), state: 'hidden' }),
        lately(10_000, { path: '/a', sessionId: id('53'), reason: 'end', endReason: 'leave' }),
        lately(20 * MINUTE, { path: '/a', sessionId: id('54') }),
      ])
      const pages = async () =>
        (await collector.report('now', {})).map(({ path, sessions, perMinute, title }) => [
          ...[path, sessions, perMinute.reduce((sum, views) => sum + views, 0), title],
        ])
      expect(await pages()).toEqual([
        [null, 2, 5, ''],
        ['/a', 2, 4, 'A title'],
        ['/b', 1, 1, 'A title'],
      ])
      const [all] = await collector.report('now', {})
      expect([all!.perMinute.length, all!.perMinute.at(-1), all!.perMinute.at(-2), all!.perMinute[9]]).toEqual([
        ...[30, 0, 4, 1],
      ])
      expect(await collector.report('now', { page: '/b' })).toMatchObject([{ sessions: 1 }, { path: '/b' }])

      collector.clock.now += 2 * MINUTE + 1
      expect(await pages()).toEqual([
        [null, 0, 5, ''],
        ['/a', 0, 4, 'A title'],
        ['/b', 0, 1, 'A title'],
      ])
      collector.clock.now += 30 * MINUTE
      expect(await pages()).toEqual([[null, 0, 0, '']])
    })

    test('choices: what a filter can be set to', async () => {
      const { report } = await collect(
        visit(START, 1_000, { pageGroup: 'lesson', utm: { campaign: 'spring' } }),
        visit(START, 1_000, { pageGroup: 'blog', site: 'shop' }),
        visit(START, 1_000, { pageGroup: 'lesson' }),
      )
      expect(await report('choices', TODAY)).toEqual([
        { kind: 'site', name: 'docs', views: 2 },
        { kind: 'site', name: 'shop', views: 1 },
        { kind: 'page_group', name: 'lesson', views: 2 },
        { kind: 'page_group', name: 'blog', views: 1 },
        { kind: 'campaign', name: 'spring', views: 1 },
      ])
      expect(await report('choices', { ...TODAY, site: 'shop', limit: '1' })).toMatchObject([
        { name: 'shop' },
        { name: 'blog' },
      ])
    })

    test('percentiles and distribution tell the same', async () => {
      const { report } = await collect(...Array.from({ length: 50 }, (_, at) => visit(START + at, 1_000 * (at + 1))))
      const [row] = await report('overview', TODAY)
      expect(row!.viewVisibleMs.p50).toEqual(about(25_000))
      let below = 0
      for (const { toMs, visible } of await report('distribution', TODAY)) {
        if (toMs <= row!.viewVisibleMs.p50!) below += visible
      }
      expect(below).toBeGreaterThanOrEqual(20)
      expect(below).toBeLessThanOrEqual(25)
    })
  })
}
