import { describe, expect, test } from 'vitest'
import { id, START } from '../support/records.ts'
import { about, collectOn, exactly, HOUR, TODAY, visit } from '../support/visits.ts'
import type { StoreUnderTest } from './keeping.contract.ts'

/** The pages of a test by what they are sorted by: the largest first, those alike by name; and which is first of the smallest. */
const PAGES_SORTED = [
  ['total', ['/learn', '/', '/about'], '/about'],
  ['page', ['/learn', '/about', '/'], '/'],
  ['views', ['/', '/learn', '/about'], '/about'],
  ['sessions', ['/', '/learn', '/about'], '/about'],
  ['engaged', ['/learn', '/', '/about'], '/'],
  ['p90', ['/learn', '/', '/about'], '/about'],
  ['visible', ['/learn', '/', '/about'], '/'],
  ['ratio', ['/', '/about', '/learn'], '/'],
  ['entries', ['/', '/about', '/learn'], '/about'],
  ['exits', ['/', '/about', '/learn'], '/'],
] as const

export function lengthsContract(name: string, open: () => Promise<StoreUnderTest>): void {
  const collect = collectOn(open)

  describe(`${name}: distributions`, () => {
    test('percentiles of views and sessions are within a percent', async () => {
      const records = Array.from({ length: 200 }, (_, index) => visit(START + index, 1_000 * (index + 1)))
      const { report } = await collect(...records)
      const expected = { p25: about(50_000), p50: about(100_000), p75: about(150_000), p90: about(180_000) }
      expect(await report('overview', TODAY)).toMatchObject([
        { viewVisibleMs: expected, viewEngagedMs: expected, sessionMs: expected, engagedOfVisible: 1 },
      ])
    })

    test('a sampled session stands for those left out, and says how far off that may be', async () => {
      const { report, client } = await collect(
        ...Array.from({ length: 10 }, (_, index) => visit(START + index, 1_000)),
        ...Array.from({ length: 10 }, (_, index) => visit(START + index, 60_000, { samplingRate: 0.1, path: '/rare' })),
      )
      expect(await report('overview', TODAY)).toMatchObject([
        { views: { sampled: 20, estimated: 110 }, sessionMs: { p25: about(60_000) } },
      ])
      const [rare] = await report('pages', TODAY)
      expect(rare).toMatchObject({ path: '/rare', views: { sampled: 10, estimated: 100, margin: 59 } })
      const { results } = await client.sessionDuration(TODAY)
      expect(results).toEqual([{ user_id: 'visitor-1', average_duration: 54.636 }])
    })

    test('percentiles of durations: of those who came once, and of those who came more often', async () => {
      const { client } = await collect(
        visit(START, 1_500, { userId: 'once "\u0001\\ one' }),
        visit(START, 10_000, { userId: 'often', samplingRate: 0.1 }),
        visit(START + HOUR, 40_000, { userId: 'often' }),
        visit(START + 2 * HOUR, 40_250, { userId: 'often' }),
        visit(START, 2_000, { visitorId: '' }),
      )
      const { results } = await client.sessionDuration({ ...TODAY, anonymous: true, percentiles: [50, 99.5, 50] })
      expect(results).toEqual([
        { user_id: null, average_duration: 2, percentiles: { '50': 2, '99.5': 2 } },
        { user_id: 'often', average_duration: 15.021, percentiles: { '50': 10, '99.5': 40.25 } },
        { user_id: 'once "\u0001\\ one', average_duration: 1.5, percentiles: { '50': 1.5, '99.5': 1.5 } },
      ])
    })

    test('survival: who is still there', async () => {
      const { report } = await collect(
        visit(START, 4_999),
        visit(START, 5_000),
        visit(START, 60_000, { engagedMs: 10_000 }),
        visit(START, 200_000),
      )
      const rows = await report('survival', TODAY)
      expect(rows.map(({ seconds, visibleShare, engagedShare }) => [seconds, visibleShare, engagedShare])).toEqual([
        [5, 0.75, 0.75],
        [10, 0.5, 0.5],
        [30, 0.5, 0.25],
        [60, 0.5, 0.25],
        [180, 0.25, 0.25],
      ])
    })

    test('sessions by how they ended', async () => {
      const { report } = await collect(
        visit(START, 10_000, { sessionEndReason: 'explicit' }),
        visit(START, 30_000, { sessionEndReason: 'explicit' }),
        visit(START, 60_000),
      )
      expect(await report('session-lengths', TODAY)).toMatchObject([
        { end: 'explicit', sessions: exactly(2), share: 0.6667, averageDurationMs: 20_000, pagesPerSession: 1 },
        { end: 'open', sessions: exactly(1), durationMs: { p50: about(60_000) } },
      ])
    })

    test('breaks by kind, and engagement by tenth of the session', async () => {
      const { report } = await collect(
        visit(START, 100_000, {
          engagedMs: 70_000,
          spans: [
            ['engaged', 0, 20_000],
            ['idle', 20_000, 30_000],
            ['engaged', 30_000, 40_000],
            ['hidden', 40_000, 60_000],
            ['engaged', 60_000, 100_000],
          ],
        }),
      )
      expect(await report('breaks', TODAY)).toMatchObject([
        {
          kind: 'all',
          breaks: exactly(2),
          perHour: 72,
          totalMs: 30_000,
          engagedByTenth: [1, 1, 0, 1, 0, 0, 1, 1, 1, 1],
        },
        { kind: 'hidden', breaks: exactly(1), lengthMs: { p50: about(20_000) } },
        { kind: 'idle', breaks: exactly(1), lengthMs: { p50: about(10_000) } },
      ])
    })

    test('breaks of the sessions that the newest views of a page are of', async () => {
      const paused = (at: number, path: string) =>
        visit(at, 60_000, {
          ...{ path, engagedMs: 50_000 },
          spans: [
            ['engaged', 0, 20_000],
            ['idle', 20_000, 30_000],
            ['engaged', 30_000, 60_000],
          ],
        })
      const { report } = await collect(
        ...[0, 1, 2].map((place) => paused(START + place * 100_000, '/read')),
        paused(START + 300_000, '/other'),
      )
      const amount = async (query: object) => (await report('breaks', { ...TODAY, ...query }))[0]!.breaks
      expect(await amount({ page: '/read', newest: '2' })).toEqual(exactly(2))
      expect(await amount({ page: '/read', newest: '10' })).toEqual(exactly(3))
      expect(await amount({ newest: '1' })).toEqual(exactly(1))
      expect(await amount({ page: '/read' })).toEqual(exactly(3))
    })

    test('views by the highest threshold reached', async () => {
      const { report } = await collect(
        visit(START, 1_000),
        visit(START, 40_000, { thresholds: [10, 30] }),
        visit(START, 40_000, { thresholds: [30] }),
        visit(START, 90_000, { thresholds: [10, 30, 60.5] }),
      )
      const rows = await report('thresholds', TODAY)
      expect(rows.map(({ threshold, views, share }) => [threshold, views.estimated, share])).toEqual([
        [0, 1, 0.25],
        [30, 2, 0.5],
        [60.5, 1, 0.25],
      ])
    })
  })

  describe(`${name}: pages`, () => {
    const inSession = (digits: string, at: number, path: string, lengthMs: number, changes = {}) =>
      visit(START + at, lengthMs, { sessionId: id(digits), sessionStartedAt: START, path, ...changes })

    const THREE_PAGES = [
      inSession('5a', 0, '/', 1_000),
      inSession('5a', 1_000, '/learn', 50_000),
      inSession('5b', 0, '/', 1_000),
      inSession('5b', 1_000, '/learn', 30_000),
      inSession('5b', 40_000, '/', 2_000),
      inSession('5c', 0, '/', 1_000),
      inSession('5c', 1_000, '/about', 1_000),
    ]

    test('those with most engaged time first; entries, exits and where people go next', async () => {
      const { report } = await collect(...THREE_PAGES)
      const rows = await report('pages', TODAY)
      expect(
        rows.map(({ path, views, sessions, entries, exits, next }) => [
          path,
          views.sampled,
          sessions,
          entries,
          exits,
          next,
        ]),
      ).toEqual([
        ['/learn', 2, 2, 0, 1, '/'],
        ['/', 4, 3, 3, 1, '/learn'],
        ['/about', 1, 1, 0, 1, null],
      ])
      expect(rows[0]).toMatchObject({ totalEngagedMs: 80_000, isSmallSample: true, engagedOfVisible: 1 })
      expect(await report('pages', { ...TODAY, limit: '1' })).toHaveLength(1)
      expect(rows.map(({ exitShare }) => exitShare)).toEqual([0.3333, 0.3333, 0.3333])
    })

    test('by any column, portion by portion, either way', async () => {
      const { report } = await collect(...THREE_PAGES)
      for (const [sort, paths, least] of PAGES_SORTED) {
        const asked = { ...TODAY, sort, limit: '2' }
        const portions = [...(await report('pages', asked)), ...(await report('pages', { ...asked, offset: '2' }))]
        expect([sort, ...portions.map(({ path }) => path)]).toEqual([sort, ...paths])
        // The same whether all pages are looked at or only those that come first.
        expect(await report('pages', { ...TODAY, sort, page: '/*' })).toEqual(portions)
        const ascending = await report('pages', { ...TODAY, sort, order: 'asc' })
        expect(ascending).toEqual(await report('pages', { ...TODAY, sort, order: 'asc', page: '/*' }))
        expect([sort, ascending[0]!.path]).toEqual([sort, least])
      }
    })

    test.each<[string, number]>([
      ['/learn/a', 1],
      ['/learn/*', 3],
      ['*', 5],
      ['/l*n/*', 3],
      ['/learn/[b]', 1],
      ['/learn/_', 0],
      ['/learn/?', 0],
      ['/100%', 1],
      ['/100_', 0],
      ['/LEARN/*', 0],
      ["' OR 1=1 --", 0],
      ['\\', 0],
    ])('matching %s', async (page, views) => {
      const paths = ['/learn/a', '/learn/[b]', '/learn/Ü', '/100%', '/x\\y']
      const { report } = await collect(...paths.map((path) => visit(START, 1_000, { path })))
      expect(await report('overview', { ...TODAY, page })).toMatchObject([{ views: exactly(views) }])
    })
  })
}
