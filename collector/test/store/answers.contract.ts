import type { ViewRecord } from 'dwelltime/protocol'
import { describe, expect, test } from 'vitest'
import { createCollector } from '../support/collector.ts'
import { id, START, view } from '../support/records.ts'
import type { StoreUnderTest } from './keeping.contract.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TODAY = { start_date: '2026-06-15', end_date: '2026-06-15' }

let numbers = 0

/** A session of one view, engaged for all its length. */
function visit(startedAt: number, lengthMs: number, changes: Partial<ViewRecord> = {}): ViewRecord {
  numbers += 1
  return view({
    ...{ viewId: id(`a${numbers}`), sessionId: id(`5${numbers}`), sessionStartedAt: startedAt, startedAt },
    ...{ lastActivityAt: startedAt + lengthMs, totalMs: lengthMs, visibleMs: lengthMs, engagedMs: lengthMs },
    spans: [['engaged', 0, lengthMs]],
    ...changes,
  })
}

/** Within a percent, as everything that comes out of a histogram. */
const about = (ms: number) => {
  const close = {
    asymmetricMatch: (value: unknown) => typeof value === 'number' && Math.abs(value - ms) <= ms * 0.0101,
  }
  return Object.assign(close, { toString: () => `about ${ms}` }) as unknown as number
}

const exactly = (amount: number) => ({ sampled: amount, estimated: amount, margin: 0 })

export function answersContract(name: string, open: () => Promise<StoreUnderTest>): void {
  /** A collector on this store that received these records; its clock stands a day later. */
  async function collect(...records: ViewRecord[]) {
    const { store } = await open()
    const collector = createCollector(store)
    collector.clock.now = START + DAY
    for (let at = 0; at < records.length; at += 100) {
      expect(await collector.send(records.slice(at, at + 100))).toMatchObject({ problems: [] })
    }
    return collector
  }

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

    test('those with most engaged time first; entries, exits and where people go next', async () => {
      const { report } = await collect(
        inSession('5a', 0, '/', 1_000),
        inSession('5a', 1_000, '/learn', 50_000),
        inSession('5b', 0, '/', 1_000),
        inSession('5b', 1_000, '/learn', 30_000),
        inSession('5b', 40_000, '/', 2_000),
        inSession('5c', 0, '/', 1_000),
        inSession('5c', 1_000, '/about', 1_000),
      )
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

  describe(`${name}: filters`, () => {
    test('by site, group, campaign, referrer, device, user and bots, together', async () => {
      const { report, app, clock } = await collect(
        visit(START, 1_000),
        visit(START, 1_000, { site: 'shop' }),
        visit(START, 1_000, { pageGroup: 'lesson' }),
        visit(START, 1_000, { utm: { campaign: 'spring' } }),
        visit(START, 1_000, { referrerHost: 'example.org', utm: { campaign: 'spring' } }),
        visit(START, 1_000, { userId: 'ann' }),
      )
      const bot = JSON.stringify({
        ...{ v: 1, sentAt: clock.now, deferred: false, via: 'fetch', attempts: 1, dropped: 0 },
        records: [visit(START, 1_000)],
      })
      const headers = { 'content-type': 'text/plain', 'user-agent': 'Googlebot/2.1 (iPhone; Mobile)' }
      await app.request('/v1/records', { method: 'POST', body: bot, headers })

      const amount = async (filter: object) => {
        const [row] = await report('overview', { ...TODAY, ...filter })
        return [row!.views.sampled, row!.sessions.sampled]
      }
      expect(await amount({})).toEqual([7, 7])
      expect(await amount({ site: 'shop' })).toEqual([1, 1])
      expect(await amount({ page_group: 'lesson' })).toEqual([1, 1])
      expect(await amount({ campaign: 'spring' })).toEqual([2, 2])
      expect(await amount({ campaign: 'spring', referrer: 'example.org' })).toEqual([1, 1])
      expect(await amount({ user: 'ann' })).toEqual([1, 1])
      expect(await amount({ device: 'mobile' })).toEqual([1, 1])
      expect(await amount({ bots: 'exclude' })).toEqual([6, 6])
      expect(await amount({ site: 'shop', user: 'ann' })).toEqual([0, 0])
    })

    test('hostile texts are texts', async () => {
      const hostile = `'; DROP TABLE views; -- {x:String} \\' " \u2028 %00 🎓`
      const { report, sessions } = await collect(
        visit(START, 1_000, { path: hostile, userId: hostile, pageGroup: hostile, utm: { campaign: hostile } }),
        visit(START, 1_000),
      )
      const filter = { user: hostile, page_group: hostile, campaign: hostile }
      expect(await report('overview', { ...TODAY, ...filter })).toMatchObject([{ views: exactly(1) }])
      expect(await report('pages', { ...TODAY, ...filter })).toMatchObject([{ path: hostile }])
      expect(await report('campaigns', TODAY)).toMatchObject([{ name: '' }, { name: hostile }])
      expect(await sessions()).toHaveLength(2)
    })
  })

  describe(`${name}: people`, () => {
    test('campaigns: how long they stay, how many leave at once', async () => {
      const spring = { utm: { campaign: 'spring' } }
      const { report } = await collect(
        visit(START, 5_000, spring),
        visit(START, 60_000, spring),
        visit(START, 60_000, spring),
        visit(START, 1_000, { referrerHost: 'example.org' }),
      )
      expect(await report('campaigns', TODAY)).toMatchObject([
        { name: 'spring', sessions: exactly(3), engagedMs: { p50: about(60_000) }, quickExits: 0.3333 },
        { name: '', sessions: exactly(1), quickExits: 1, isSmallSample: true },
      ])
      expect(await report('campaigns', { ...TODAY, by: 'referrer' })).toMatchObject([
        { name: '' },
        { name: 'example.org' },
      ])
    })

    test('retention: who comes back, by the length of the first session', async () => {
      const { store } = await open()
      const { clock, send, report } = createCollector(store)
      const days = (visitorId: string, firstMs: number, ...later: number[]) =>
        [0, ...later].map((day, index) => visit(START + day * DAY, index === 0 ? firstMs : 1_000, { visitorId }))
      const records = [
        ...days('short-gone', 5_000),
        ...days('short-week', 5_000, 6, 6.5),
        ...days('long-day', 100_000, 1),
        ...days('long-month', 100_000, 29),
        ...days('long-year', 100_000, 31),
      ]
      for (const record of records.sort((a, b) => a.startedAt - b.startedAt)) {
        clock.now = record.lastActivityAt
        await send([record])
      }
      expect(await report('retention', TODAY)).toMatchObject([
        { firstSession: 'under 10 s', visitors: exactly(2), within1Day: 0, within7Days: 0.5, within30Days: 0.5 },
        {
          firstSession: '1 to 5 min',
          visitors: exactly(3),
          within1Day: 0.3333,
          within7Days: 0.3333,
          within30Days: 0.6667,
        },
      ])
      expect(await report('retention', { start_date: '2026-06-16', end_date: '2026-07-31' })).toEqual([])
    })

    test('inactive users: who was here and has not been since', async () => {
      const { store } = await open()
      const { clock, send, report } = createCollector(store)
      clock.now = START + 6 * DAY
      await send([
        visit(START, 1_000, { userId: 'gone' }),
        visit(START + HOUR, 2_000, { userId: 'gone' }),
        visit(START, 1_000, { userId: 'back' }),
        visit(START + 5 * DAY, 1_000, { userId: 'back' }),
      ])
      expect(await report('inactive-users', { ...TODAY, days: '5' })).toEqual([
        { user: 'gone', lastActivityAt: START + HOUR + 2_000, inactiveDays: 5, sessions: 2, engagedMs: 3_000 },
      ])
    })

    test('timers by user and day', async () => {
      // As it comes: TypeScript would have it that every object has this name already.
      const timers = JSON.parse('{"lesson-1":[50000,40000,30000],"toString":[1,1,1]}') as ViewRecord['timers']
      const { report } = await collect(
        visit(START, 60_000, { userId: 'ann', timers }),
        visit(START + HOUR, 60_000, { userId: 'ann', timers: { 'lesson-1': [1_000, 1_000, 1_000] } }),
        visit(START, 60_000, { userId: 'bob', timers: { 'lesson-1': [5_000, 5_000, 5_000] } }),
        visit(START, 60_000),
      )
      const day = '2026-06-15'
      expect(await report('timers', TODAY)).toEqual([
        { day, user: 'ann', timer: 'lesson-1', views: 2, totalMs: 51_000, visibleMs: 41_000, engagedMs: 31_000 },
        { day, user: 'ann', timer: 'toString', views: 1, totalMs: 1, visibleMs: 1, engagedMs: 1 },
        { day, user: 'bob', timer: 'lesson-1', views: 1, totalMs: 5_000, visibleMs: 5_000, engagedMs: 5_000 },
      ])
    })

    test('one session as it went, over all its views', async () => {
      const first = visit(START, 10_000, {
        spans: [
          ['engaged', 0, 4_000],
          ['hidden', 4_000, 10_000],
          ['suspended', 5_000, 1_000],
        ],
      })
      const second = visit(START + 20_000, 5_000, { sessionId: first.sessionId, path: '/next' })
      const { report } = await collect(first, second)
      const rows = await report('timeline', { session: first.sessionId })
      expect(rows.map(({ path, kind, fromAt, toAt }) => [path, kind, fromAt - START, toAt - START])).toEqual([
        [first.path, 'engaged', 0, 4_000],
        [first.path, 'hidden', 4_000, 5_000],
        [first.path, 'suspended', 5_000, 6_000],
        [first.path, 'hidden', 6_000, 11_000],
        ['/next', 'engaged', 20_000, 25_000],
      ])
      expect(await report('timeline', { session: first.sessionId, site: 'shop' })).toEqual([])
    })
  })

  describe(`${name}: what was received`, () => {
    test('repeated, late and by beacon: told apart, and in no number twice', async () => {
      const { store } = await open()
      const { clock, send, report } = createCollector(store)
      clock.now = START + HOUR
      const record = visit(START, 10_000)
      await send([{ ...record, seq: 2 }], { via: 'beacon' })
      await send([{ ...record, seq: 2 }]) // resent by design
      await send([{ ...record, seq: 2 }], { via: 'beacon' }) // a duplicate
      await send([record]) // late
      await send([{ ...record, startedAt: 0 }]) // set aside
      const facts = Object.fromEntries((await report('data-quality', TODAY)).map(({ fact, amount }) => [fact, amount]))
      expect(facts).toMatchObject({
        records_accepted: 4,
        records_resent: 1,
        records_duplicate: 1,
        records_late: 1,
        records_rejected_implausible: 1,
        views: 1,
        views_captured_at_exit: 1,
        sessions: 1,
      })
      expect(await report('overview', TODAY)).toMatchObject([{ views: exactly(1), sessions: exactly(1) }])
    })

    test('in any order, in any portions, as often as may be: the same answers', async () => {
      const records = [1, 2, 3, 4, 5, 6].flatMap((digit) => {
        const whole = visit(START + digit * MINUTE, digit * 10_000, {
          sessionId: id(`5${digit % 2}`),
          path: `/${digit}`,
        })
        const half = { totalMs: digit * 5_000, visibleMs: digit * 5_000, engagedMs: digit * 5_000 }
        return [{ ...whole, ...half, spans: [['engaged', 0, digit * 5_000]] } as ViewRecord, { ...whole, seq: 2 }]
      })
      async function answers(...portions: ViewRecord[][]) {
        const { report, send, client } = await collect()
        for (const portion of portions) await send(portion)
        const filter = { ...TODAY, page: '/*' }
        return [
          ...(await Promise.all([report('overview', filter), report('pages', filter), report('breaks', filter)])),
          await client.sessionDuration(TODAY),
        ]
      }
      const expected = await answers(records)
      expect(expected[0]).toMatchObject([{ views: exactly(6), sessions: exactly(2) }])
      const backwards = records.toReversed()
      expect(await answers(backwards.slice(0, 5), backwards, backwards.slice(3), records)).toEqual(expected)
      expect(await answers(...records.map((record) => [record, record]))).toEqual(expected)
    })
  })
}
