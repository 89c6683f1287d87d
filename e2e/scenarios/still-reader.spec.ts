import { expect, read, test } from '../support/fixtures.ts'
import { endedViews, expectTime } from '../support/stored.ts'

test('someone who reads for 4 s without touching anything was there for 4 s', async ({ collector, open, pages }) => {
  const tab = await open(pages.url('/read'))
  await read(4_000)
  await tab.close()
  const shown = tab.shownTime()

  const [view] = await endedViews(collector, 1)
  const { visibleMs, engagedMs, totalMs, startedAt, visitorId } = view!
  expectTime(visibleMs, shown)
  expectTime(totalMs, shown)
  // The credit of 5 s is not used up; a page may lose its focus a moment before it is hidden.
  expect(engagedMs).toBeLessThanOrEqual(visibleMs)
  expectTime(engagedMs, shown)

  const today = new Date(startedAt).toISOString().slice(0, 10)
  const durations = await collector.durations({ start_date: today, end_date: today })
  expect(durations).toEqual([{ user_id: visitorId, average_duration: expect.any(Number) }])
  expectTime(durations[0]!.average_duration * 1_000, shown)
})

test('of a still read, no more than the idle credit is engaged', async ({ collector, open, pages }) => {
  const tab = await open(pages.url('/read', { options: { idleCredit: 1, visitorId: false } }))
  await read(2_000)
  await tab.close()
  const shown = tab.shownTime()

  const [view] = await endedViews(collector, 1)
  expectTime(view!.visibleMs, shown)
  expect(view!.engagedMs).toBe(1_000)

  const today = new Date(view!.startedAt).toISOString().slice(0, 10)
  const days = { start_date: today, end_date: today }
  expect(await collector.durations(days)).toEqual([])
  const [anonymous] = await collector.durations({ ...days, anonymous: true })
  expect(anonymous!.user_id).toBeNull()
  expectTime(anonymous!.average_duration * 1_000, shown)
})
