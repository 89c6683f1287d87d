import type { ViewRecord } from 'dwelltime/protocol'
import { describe, expect, test } from 'vitest'
import { createCollector } from '../support/collector.ts'
import { START } from '../support/records.ts'
import { about, collectOn, DAY, exactly, HOUR, TODAY, visit } from '../support/visits.ts'
import type { StoreUnderTest } from './keeping.contract.ts'

/** From 0 to 1, in no order, the same each time. */
const scattered = (at: number, salt: number) => {
  const place = (at * 48_271 + salt * 715_225_739) % 2_147_483_647
  return Number(BigInt(place) ** 3n % 2_147_483_647n) / 2_147_483_647
}

export function peopleContract(name: string, open: () => Promise<StoreUnderTest>): void {
  const collect = collectOn(open)

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

    test('inactive users: as many as are wanted, those away longest, whenever they came and however long they stayed', async () => {
      const { store } = await open()
      const { clock, send, report } = createCollector(store)
      // Overlapping ones among them, some before the range and some after.
      const visits = Array.from({ length: 60 }, (_, at) => {
        const startedAt = START - DAY + Math.floor(scattered(at, 1) * 6 * DAY)
        return visit(startedAt, 1_000 + Math.floor(scattered(at, 2) * 5 * HOUR), {
          userId: `user-${Math.floor(scattered(at, 3) * 30)}`,
        })
      })
      for (const record of visits.sort((a, b) => a.startedAt - b.startedAt)) {
        clock.now = record.lastActivityAt
        await send([record])
      }
      clock.now = START + 9 * DAY
      const activeBefore = clock.now - 6 * DAY
      const [from, to] = [START, START + 2 * DAY].map((at) => Math.floor(at / DAY) * DAY)
      const people = [...new Set(visits.map(({ userId }) => userId!))].map((user) => {
        const own = visits.filter(({ userId }) => userId === user)
        const asked = own.filter(({ startedAt }) => startedAt >= from! && startedAt < to!)
        return {
          ...{ user, lastActivityAt: Math.max(...own.map(({ lastActivityAt }) => lastActivityAt)) },
          ...{ sessions: asked.length, engagedMs: asked.reduce((sum, { engagedMs }) => sum + engagedMs, 0) },
        }
      })
      const away = people
        .filter(({ sessions, lastActivityAt }) => sessions > 0 && lastActivityAt < activeBefore)
        .sort((a, b) => a.lastActivityAt - b.lastActivityAt)
      expect(away.length).toBeGreaterThan(4)
      expect(away.length).toBeLessThan(people.length)
      const range = { start_date: '2026-06-15', end_date: '2026-06-16', days: '6' }
      for (const limit of [1, 2, 3, away.length, 100]) {
        const rows = await report('inactive-users', { ...range, limit: String(limit) })
        expect(rows).toMatchObject(away.slice(0, limit))
        expect(rows).toHaveLength(Math.min(limit, away.length))
        expect(await report('inactive-users', { ...range, limit: String(limit), bots: 'exclude' })).toEqual(rows)
      }
    })

    test('retention: the first session counts, whenever it was, and the next one of each', async () => {
      const { store } = await open()
      const { clock, send, report } = createCollector(store)
      const visits = Array.from({ length: 60 }, (_, at) =>
        visit(
          START - 3 * DAY + Math.floor(scattered(at, 4) * 20 * DAY),
          1_000 + Math.floor(scattered(at, 5) * 120_000),
          {
            userId: `user-${Math.floor(scattered(at, 6) * 29)}`,
          },
        ),
      ).sort((a, b) => a.startedAt - b.startedAt)
      for (const record of visits) {
        clock.now = record.lastActivityAt
        await send([record])
      }
      clock.now = START + 30 * DAY
      const from = Math.floor(START / DAY) * DAY
      const counts = new Map<string, number[]>()
      for (const user of new Set(visits.map(({ userId }) => userId))) {
        const [first, next] = visits.filter(({ userId }) => userId === user)
        if (first!.startedAt < from || first!.startedAt >= from + 4 * DAY) continue
        const { engagedMs } = first!
        const length = engagedMs < 10_000 ? 'under 10 s' : engagedMs < 60_000 ? '10 s to 1 min' : '1 to 5 min'
        const days = next ? (next.startedAt - first!.startedAt) / DAY : Number.POSITIVE_INFINITY
        const [all = 0, ...within] = counts.get(length) ?? [0, 0, 0, 0]
        counts.set(length, [all + 1, ...[1, 7, 30].map((most, place) => within[place]! + (days <= most ? 1 : 0))])
      }
      expect(counts.size).toBeGreaterThan(1)
      const range = { start_date: '2026-06-15', end_date: '2026-06-18' }
      const rows = await report('retention', range)
      const share = (part: number, of: number) => Math.round((part / of) * 10_000) / 10_000
      expect(Object.fromEntries(rows.map((row) => [row.firstSession, row]))).toMatchObject(
        Object.fromEntries(
          [...counts].map(([length, [all, day, week, month]]) => [
            length,
            {
              visitors: exactly(all!),
              within1Day: share(day!, all!),
              within7Days: share(week!, all!),
              within30Days: share(month!, all!),
            },
          ]),
        ),
      )
      expect(rows).toHaveLength(counts.size)
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
}
