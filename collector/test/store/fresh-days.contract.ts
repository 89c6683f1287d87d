import { describe, expect, test } from 'vitest'
import { createHousekeeping } from '../../src/history/housekeeping.ts'
import { settle } from '../../src/sessions/keeper.ts'
import { question } from '../../src/store/question.ts'
import type { Store } from '../../src/store/store.ts'
import { DAY_MS, floorTo } from '../../src/tallies/tiers.ts'
import { createCollector } from '../support/collector.ts'
import { id, received, START } from '../support/records.ts'
import type { StoreUnderTest } from './keeping.contract.ts'

const DAY = floorTo(START, DAY_MS)
const NEXT_DAY = DAY + DAY_MS
const NOW = START + 3 * DAY_MS
const RANGE = { start_date: '2026-06-15', end_date: '2026-06-18' }
const NAMES = [
  'overview',
  'pages',
  'survival',
  'session-lengths',
  'campaigns',
  'breaks',
  'trend',
  'data-quality',
] as const

/** A session of three views on two pages, the last one near the end of its day. */
const session = (digits: string, startedAt: number, userId = 'ann') =>
  [0, 1, 2].map((place) => {
    const began = startedAt + place * 60_000
    return received({
      ...{ viewId: id(`a${digits}f${place}`), sessionId: id(`5${digits}`), sessionStartedAt: startedAt, userId },
      ...{ startedAt: began, lastActivityAt: began + 50_000, totalMs: 50_000, visibleMs: 40_000, engagedMs: 30_000 },
      ...{ path: `/page-${place % 2}`, spans: [['engaged', 0, 30_000]], utm: { campaign: 'spring' } },
    })
  })

async function filled(store: Store) {
  const collector = createCollector(store)
  collector.clock.now = NOW
  await store.append([
    ...session('1', START),
    ...session('2', NEXT_DAY - 90_000),
    ...session('3', NEXT_DAY + 5_000, 'bob'),
  ])
  await settle(store)
  const keepHouse = () => createHousekeeping({ store, retentionDays: 0 })(new Date(NOW))
  return { ...collector, store, keepHouse }
}

/** The days that hold, in days after the first. */
const held = async (store: Store) =>
  (await store.freshDays.list()).map(({ day }) => (day - DAY) / DAY_MS).sort((a, b) => a - b)

async function answers(report: Awaited<ReturnType<typeof filled>>['report']) {
  const answers = []
  for (const name of NAMES) {
    for (const more of [
      {},
      { device: 'desktop' as const },
      { timezone: 'Europe/Berlin' },
      { timezone: 'Asia/Kathmandu' },
    ]) {
      answers.push(await report(name, { ...RANGE, ...more }))
    }
  }
  return answers
}

export function freshDaysContract(name: string, open: () => Promise<StoreUnderTest>): void {
  const openFilled = async () => filled((await open()).store)

  describe(`${name}: days that may still change`, () => {
    test('who is told to stop leaves the rest for the next time', async () => {
      const { store, keepHouse } = await openFilled()
      const stopping = new AbortController()
      const saved: number[] = []
      const { freshDays } = store
      store.freshDays = {
        ...freshDays,
        async save(day, rows) {
          saved.push(day)
          stopping.abort()
          return freshDays.save(day, rows)
        },
      }
      await createHousekeeping({ store, retentionDays: 0, until: stopping.signal })(new Date(NOW))
      expect(saved).toHaveLength(1)
      store.freshDays = freshDays
      await keepHouse()
      expect(await held(store)).toHaveLength(8)
      await store.close()
    })

    test('days that may still change answer from roll-ups as they did from rows', async () => {
      const { store, keepHouse, report } = await openFilled()
      const fromRows = await answers(report)
      expect(await held(store)).toEqual([])
      await keepHouse()
      expect(await held(store)).toEqual([-5, -4, -3, -2, -1, 0, 1, 2])
      const asked: string[] = []
      const { read } = store
      store.read = (question, parameters) => {
        asked.push(question.clickhouse)
        return read(question, parameters)
      }
      expect(await answers(report)).toEqual(fromRows)
      expect(asked.some((sql) => /FROM (tier|fine_fresh)_rollups/.test(sql))).toBe(true)
    })

    test('what changes one day leaves the others, and the day is rolled up again', async () => {
      const { store, keepHouse, report } = await openFilled()
      await keepHouse()
      await store.append([received({ ...session('1', START)[0]!.record, seq: 9, visibleMs: 45_000 })])
      expect(await held(store)).not.toContain(0)
      expect(await held(store)).toContain(1)
      await settle(store)
      const [overview] = await report('overview', RANGE)
      const before = await answers(report)
      await keepHouse()
      expect(await held(store)).toContain(0)
      expect(await answers(report)).toEqual(before)
      expect((await report('overview', RANGE))[0]).toEqual(overview)
    })

    test('a session counts once on a page, also when its first day is rolled up and the next one is not', async () => {
      const { store, keepHouse, report } = await openFilled()
      const sessions = async () => (await report('pages', RANGE)).map(({ path, sessions }) => [path, sessions])
      const nextDay = { ...RANGE, start_date: '2026-06-16' }
      expect(await sessions()).toEqual([
        ['/page-0', 3],
        ['/page-1', 3],
      ])
      expect(await report('pages', nextDay)).toMatchObject([{ sessions: 1 }, { sessions: 1 }])
      await keepHouse()
      await store.append([received({ ...session('3', NEXT_DAY + 5_000)[0]!.record, seq: 9 })])
      expect([(await held(store)).includes(0), (await held(store)).includes(1)]).toEqual([true, false])
      expect(await sessions()).toEqual([
        ['/page-0', 3],
        ['/page-1', 3],
      ])
      expect(await report('pages', nextDay)).toMatchObject([{ sessions: 1 }, { sessions: 1 }])
    })

    test('a record that changes nothing leaves all days; one of a session of two days leaves neither', async () => {
      const { store, keepHouse } = await openFilled()
      await keepHouse()
      await store.append(session('1', START))
      expect(await held(store)).toContain(0)
      const [first] = session('2', NEXT_DAY - 90_000)
      await store.append([received({ ...first!.record, seq: 9, visibleMs: 45_000 })])
      expect(await held(store)).toEqual([-5, -4, -3, -2, -1, 2])
    })

    test('who is deleted is in no roll-up of a day that may still change', async () => {
      const { store, keepHouse, report } = await openFilled()
      await keepHouse()
      await store.deleteUser('ann', NOW)
      expect(await held(store)).not.toContain(0)
      expect((await report('overview', RANGE))[0]).toMatchObject({ views: { sampled: 3 } })
      await keepHouse()
      expect((await report('overview', RANGE))[0]).toMatchObject({ views: { sampled: 3 } })
    })

    test('a change while a day is rolled up makes it void', async () => {
      const { store, report } = await openFilled()
      const { freshDays } = store
      await freshDays.begin(DAY)
      await store.append(session('4', START + 60_000))
      expect(await freshDays.save(DAY, [])).toBe(false)
      expect(await held(store)).toEqual([])
      await settle(store)
      await freshDays.begin(DAY)
      expect(await freshDays.save(DAY, [])).toBe(true)
      expect((await report('overview', RANGE))[0]).toMatchObject({ views: { sampled: 4 } }) // of the day nothing, as was saved
    })

    test('when a day has settled, nothing is left of what it was before', async () => {
      const { store, keepHouse, report } = await openFilled()
      await keepHouse()
      const before = await answers(report)
      await createHousekeeping({ store, retentionDays: 0 })(new Date(NOW + 30 * DAY_MS))
      expect(await held(store)).not.toContain(0)
      const rows = await store.read<{ amount: number }>(
        question(
          ({ rollups }) =>
            `SELECT count(*) AS amount FROM ${rollups} WHERE span_ms = ${DAY_MS} AND begins_at < ${NEXT_DAY}`,
        ),
        {},
      )
      expect(rows[0]!.amount).toBeGreaterThan(0)
      expect(await answers(report)).toEqual(before)
    })
  })
}
