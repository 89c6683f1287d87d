import { describe, expect, test } from 'vitest'
import { createHousekeeping } from '../../src/history/housekeeping.ts'
import { settle } from '../../src/sessions/keeper.ts'
import { question } from '../../src/store/question.ts'
import type { Limits, Store } from '../../src/store/store.ts'
import { rollUp } from '../../src/tallies/roll-up.ts'
import { DAY_MS, HOUR_MS, QUARTER_MS, SIX_HOURS_MS, TIERS } from '../../src/tallies/tiers.ts'
import { createCollector } from '../support/collector.ts'
import { id, received, START, view } from '../support/records.ts'
import type { StoreUnderTest } from './keeping.contract.ts'

const MINUTE = 60_000

const NOTHING_OLD: Limits = { sessionsFrom: 0, asideFrom: 0, intakeFrom: 0, factsFrom: 0, tombstonesFrom: 0 }

/** A session of one view that began then and has ended. */
const ended = (digits: string, startedAt: number, changes = {}) => {
  const length = { lastActivityAt: startedAt + MINUTE, sessionStartedAt: startedAt, startedAt }
  const end = { endReason: 'explicit', sessionEndReason: 'explicit' } as const
  return received({ viewId: id(`a${digits}`), sessionId: id(`5${digits}`), ...length, ...end, ...changes })
}

async function amountOf(store: Store, table: 'views' | 'sessions' | 'set_aside' | 'rollups'): Promise<number> {
  const [row] = await store.read<{ amount: number }>(
    question(({ rollups }) => `SELECT count(*) AS amount FROM ${table === 'rollups' ? rollups : table}`),
    {},
  )
  return row!.amount
}

const MIDNIGHT = START - (START % DAY_MS)

const PAGES = question(
  ({ rollups }) =>
    `SELECT span_ms, begins_at, path, tally FROM ${rollups} WHERE shelf = 'view' AND level = 'page-device' ORDER BY span_ms`,
)

const NAMES = [
  'overview',
  'pages',
  'survival',
  'session-lengths',
  'breaks',
  'thresholds',
  'trend',
  'data-quality',
] as const

export function historyContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name}: intake`, () => {
    test('is added up, and what was set aside stays with its reason', async () => {
      const { store, reopen } = await open()
      const count = { quarterAt: START, site: 'docs', name: 'accepted', amount: 2 }
      const aside = { receivedAt: START, site: 'docs', reason: 'totalMs: want', record: view({ title: "'; --\n" }) }
      await store.noteIntake({ counts: [count, { ...count, name: 'late', amount: 1 }], aside: [] })
      await store.noteIntake({ counts: [{ ...count, amount: 3 }], aside: [aside] })
      const reopened = await reopen()
      const counts = question(() => 'SELECT name, sum(amount) AS amount_sum FROM intake GROUP BY name ORDER BY name')
      expect(await reopened.read(counts, {})).toEqual([
        { name: 'accepted', amount_sum: 5 },
        { name: 'late', amount_sum: 1 },
      ])
      const kept = await reopened.read<{ record: string }>(
        question(() => 'SELECT site, reason, record FROM set_aside'),
        {},
      )
      expect(kept).toMatchObject([{ site: 'docs', reason: 'totalMs: want' }])
      expect(JSON.parse(kept[0]!.record)).toEqual(aside.record)
    })
  })

  describe(`${name}: retention`, () => {
    test('deletes whole sessions that are older, with their views, and nothing else', async () => {
      const { store, reopen } = await open()
      await store.append([ended('1', START - DAY_MS), ended('2', START - 1), ended('3', START)])
      await settle(store)
      expect(await store.prune({ ...NOTHING_OLD, sessionsFrom: START }, 10)).toBe(2)
      const reopened = await reopen()
      expect([await amountOf(reopened, 'sessions'), await amountOf(reopened, 'views')]).toEqual([1, 1])
      expect(await reopened.prune({ ...NOTHING_OLD, sessionsFrom: START }, 10)).toBe(0)
    })

    test('goes in portions, the oldest first', async () => {
      const { store } = await open()
      await store.append([1, 2, 3].map((digit) => ended(`${digit}`, START - digit)))
      await settle(store)
      expect(await store.prune({ ...NOTHING_OLD, sessionsFrom: START }, 2)).toBe(2)
      const left = question(() => 'SELECT session_id FROM sessions')
      expect(await store.read(left, {})).toEqual([{ session_id: id('51') }])
    })

    test('leaves what goes on', async () => {
      const { store } = await open()
      await store.append([received()])
      await settle(store)
      expect(await store.prune({ ...NOTHING_OLD, sessionsFrom: START + DAY_MS }, 10)).toBe(0)
      expect(await amountOf(store, 'views')).toBe(1)
    })

    test('lowers no counter', async () => {
      const { store } = await open()
      await store.append([ended('1', START)])
      await settle(store)
      const before = await store.counters()
      expect(before.length).toBeGreaterThan(3)
      await store.prune({ ...NOTHING_OLD, sessionsFrom: START + 1 }, 10)
      expect(await store.counters()).toEqual(before)
    })

    test('forgets what was set aside', async () => {
      const { store } = await open()
      const aside = { receivedAt: START, site: 'docs', reason: 'x', record: view() }
      await store.noteIntake({ counts: [], aside: [aside, { ...aside, receivedAt: START + 1 }] })
      await store.prune({ ...NOTHING_OLD, asideFrom: START + 1 }, 10)
      expect(await amountOf(store, 'set_aside')).toBe(1)
    })
  })

  describe(`${name}: roll-ups`, () => {
    test('are made of what cannot change any more, once', async () => {
      const { store, reopen } = await open()
      const now = START + 9 * DAY_MS
      await store.append([ended('1', START), ended('2', START + MINUTE, { samplingRate: 0.5 }), ended('3', now)])
      await settle(store)
      while (await rollUp(store, now));
      const read = async (from: Store) => {
        const rows = await from.read<{ span_ms: number; begins_at: number; path: string; tally: string }>(PAGES, {})
        return rows.map(({ tally, ...row }) => ({ ...row, ...JSON.parse(tally) }))
      }
      const said = {
        ...{ path: '/learn/algebra', views: 2, weight: 3, visibleMs: 180_000, engagedMs: 180_000 },
        ...{ visible: [556, 3], engaged: [556, 3], sessions: 3, thresholdViews: [0, 2], thresholdWeight: [0, 3] },
        ...{ fact_views: 2, fact_views_sampled: 1 },
        ...{ visibleFrom5: 3, visibleFrom10: 3, visibleFrom30: 3, visibleFrom60: 3 },
        ...{ engagedFrom5: 3, engagedFrom10: 3, engagedFrom30: 3, engagedFrom60: 3 },
      }
      const expected = [
        { span_ms: QUARTER_MS, begins_at: START, ...said },
        { span_ms: DAY_MS, begins_at: MIDNIGHT, ...said },
      ]
      expect(await read(store)).toEqual(expected)
      const upTo = new Map([
        [QUARTER_MS, START + DAY_MS],
        [HOUR_MS, MIDNIGHT + DAY_MS], // as far as there is anything to be summed up
        [SIX_HOURS_MS, MIDNIGHT + DAY_MS],
        [DAY_MS, MIDNIGHT + DAY_MS],
      ])
      expect(await store.rolledUpTo()).toEqual(upTo)

      await store.append([ended('4', START)]) // far too late: ingest would not take it
      await settle(store)
      while (await rollUp(store, now + MINUTE));
      const reopened = await reopen()
      expect(await read(reopened)).toEqual(expected)
      expect(await reopened.rolledUpTo()).toEqual(upTo)
    })

    test('saved twice are there once', async () => {
      const { store } = await open()
      const key = { at: START, site: 'docs', path: '/', pageGroup: '', device: 'mobile', isBot: 0 }
      const rows = [{ shelf: 'view', level: 'page-device', ...key, tally: '{"views":1}' } as const]
      const rollups = { spanMs: QUARTER_MS, from: START, upTo: START + 1, rows }
      for (let time = 0; time < 2; time++) await store.saveRollups(rollups)
      expect(await amountOf(store, 'rollups')).toBe(1)
    })

    test('of every length answer as rows do, in any zone, whatever the pages are called', async () => {
      const { store } = await open()
      const { clock, report } = createCollector(store)
      const paths = ['/page-0', '/page-"', '/page-\\', "/page-'", '/page-,', '/page-]\n', '/page-ü']
      const views = Array.from({ length: 300 }, (_, session) => {
        const sessionStartedAt = START + session * 8 * HOUR_MS + ((session * 7919) % 400) * MINUTE
        return [0, 1, 2].map((place) => {
          const startedAt = sessionStartedAt + place * MINUTE
          const lengthMs = 1_000 + ((session * 104_729 + place * 7_919) % 59_000)
          return received({
            ...{ viewId: id(`a${session}f${place}`), sessionId: id(`5${session}`), sessionStartedAt, startedAt },
            ...{ path: paths[(session * 31 + place * 17) % 7]!, lastActivityAt: startedAt + lengthMs },
            ...{ totalMs: lengthMs, visibleMs: lengthMs, engagedMs: lengthMs, spans: [['engaged', 0, lengthMs]] },
            samplingRate: session % 3 === 0 ? 0.5 : 1,
          })
        })
      })
      await store.append(views.flat())
      await settle(store)
      clock.now = START + 110 * DAY_MS
      const ranges = [
        { start_date: '2026-06-15', end_date: '2026-09-30' },
        { start_date: '2026-06-20', end_date: '2026-09-11', timezone: 'Asia/Kathmandu' },
        { start_date: '2026-06-20', end_date: '2026-09-11', timezone: 'America/New_York', device: 'desktop' as const },
        { start_date: '2026-07-01', end_date: '2026-08-31', timezone: 'Europe/Berlin', page: '/page-*' },
        { start_date: '2026-07-01', end_date: '2026-08-31', device: 'desktop' as const, page: '/page-*' },
      ]
      const answers = async () => {
        const answers = []
        for (const range of ranges) for (const name of NAMES) answers.push(await report(name, range))
        return answers
      }
      const fromRows = await answers()
      await createHousekeeping({ store, retentionDays: 0 })(new Date(clock.now))
      for (const spanMs of TIERS) expect((await store.rolledUpTo()).get(spanMs)).toBeGreaterThan(START)
      expect(await answers()).toEqual(fromRows)
    })

    test('answer for what retention deleted, as it was answered before', async () => {
      const { store } = await open()
      const { clock, report } = createCollector(store)
      const views = Array.from({ length: 40 }, (_, index) =>
        ended(`${index}`, START + index * MINUTE, { visibleMs: 1_000 * (index + 1), engagedMs: 500 * index }),
      )
      await store.append(views)
      await settle(store)
      const day = { start_date: '2026-06-15', end_date: '2026-06-15' }
      const names = ['overview', 'trend', 'pages', 'survival', 'session-lengths', 'breaks', 'thresholds'] as const
      const zone = { ...day, timezone: 'Asia/Kolkata' }
      const answers = async () => {
        const answers = []
        for (const name of names) answers.push(await report(name, day), await report(name, zone))
        for (const by of ['campaign', 'referrer'] as const) answers.push(await report('campaigns', { ...day, by }))
        answers.push(await report('pages', { ...day, page: '/learn/*', device: 'desktop', bots: 'exclude' }))
        return answers
      }
      const before = await answers()

      clock.now = START + 40 * DAY_MS
      await createHousekeeping({ store, retentionDays: 30 })(new Date(clock.now))
      expect([await amountOf(store, 'views'), await amountOf(store, 'sessions')]).toEqual([0, 0])
      expect(await answers()).toEqual(before)
      const [page] = await report('pages', day)
      expect(page).toMatchObject({ path: '/learn/algebra', views: { sampled: 40 }, sessions: 40 })
    })
  })

  describe(`${name}: the deletion of a user`, () => {
    const ann = { userId: 'ann', visitorId: 'v-ann' }

    test('takes every session that told the id, and no other', async () => {
      const { store, reopen } = await open()
      await store.append([
        ended('1', START, ann),
        ended('2', START, { userId: 'bob', visitorId: 'v-bob' }),
        received({ viewId: id('c1'), sessionId: id('53'), userId: 'ann' }),
        received({ viewId: id('c2'), sessionId: id('53'), userId: 'anne', startedAt: START + MINUTE }),
        ended('4', START, { visitorId: 'ann' }),
      ])
      await settle(store)
      expect(await store.deleteUser('ann', START + DAY_MS)).toEqual({ sessions: 3, views: 4 })
      const reopened = await reopen()
      const left = question(() => 'SELECT session_id, user_id FROM sessions')
      expect(await reopened.read(left, {})).toEqual([{ session_id: id('52'), user_id: 'bob' }])
      expect(await amountOf(reopened, 'views')).toBe(1)
      expect(await reopened.deleteUser('nobody', START + DAY_MS)).toEqual({ sessions: 0, views: 0 })
    })

    test('takes what the keeper has not looked at yet', async () => {
      const { store } = await open()
      await store.append([received(ann)])
      expect(await store.deleteUser('v-ann', START + DAY_MS)).toEqual({ sessions: 1, views: 1 })
      await settle(store)
      expect([await amountOf(store, 'views'), await amountOf(store, 'sessions')]).toEqual([0, 0])
    })

    test('is not undone by late records, in this process or the next', async () => {
      const { store, reopen } = await open()
      await store.append([received(ann)])
      await settle(store)
      await store.deleteUser('ann', START + DAY_MS)
      const late = [
        received({ ...ann, seq: 2 }),
        received({ viewId: id('b'), startedAt: START + 1 }), // of the same session, naming nobody we know
        received({ viewId: id('c'), sessionId: id('5f'), userId: 'ann' }), // of a session that never came before
        received({ viewId: id('d'), sessionId: id('60'), visitorId: 'v-ann' }),
      ]
      expect(await store.append(late)).toEqual(['deleted', 'deleted', 'deleted', 'deleted'])
      const reopened = await reopen()
      expect(await reopened.append(late)).toEqual(['deleted', 'deleted', 'deleted', 'deleted'])
      await settle(reopened)
      expect([await amountOf(reopened, 'views'), await amountOf(reopened, 'sessions')]).toEqual([0, 0])
    })

    test('is not for ever: who comes back is new, and who shares the device is somebody else', async () => {
      const { store } = await open()
      await store.append([received(ann)])
      await settle(store)
      await store.deleteUser('ann', START + DAY_MS)
      const later = { sessionStartedAt: START + DAY_MS + 1, startedAt: START + DAY_MS + 1 }
      expect(
        await store.append([
          received({ ...ann, ...later, viewId: id('b'), sessionId: id('5b') }),
          received({ userId: 'bob', visitorId: 'v-ann', viewId: id('c'), sessionId: id('5c') }),
        ]),
      ).toEqual(['stored', 'stored'])
      await store.prune({ ...NOTHING_OLD, tombstonesFrom: START + DAY_MS + 1 }, 10)
      expect(await store.append([received({ ...ann, viewId: id('e'), sessionId: id('5e') })])).toEqual(['stored'])
    })

    test('takes what was set aside, and lowers no counter', async () => {
      const { store } = await open()
      await store.append([ended('1', START, ann)])
      await settle(store)
      const record = (changes: object) => ({ receivedAt: START, site: 'docs', reason: 'x', record: view(changes) })
      await store.noteIntake({ counts: [], aside: [record(ann), record({ userId: 'bob' })] })
      const before = await store.counters()
      await store.deleteUser('ann', START)
      expect(await amountOf(store, 'set_aside')).toBe(1)
      expect(await store.counters()).toEqual(before)
    })

    test('with a hostile id deletes nobody', async () => {
      const { store } = await open()
      await store.append([received(ann), received({ viewId: id('b'), sessionId: id('5b'), userId: "x' OR '1'='1" })])
      await settle(store)
      expect(await store.deleteUser("' OR 1=1 --", START)).toEqual({ sessions: 0, views: 0 })
      expect(await store.deleteUser('%', START)).toEqual({ sessions: 0, views: 0 })
      expect(await store.deleteUser("x' OR '1'='1", START)).toEqual({ sessions: 1, views: 1 })
    })
  })
}
