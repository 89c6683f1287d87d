import { expect, read, test } from '../support/fixtures.ts'
import { endedViews, expectTime } from '../support/stored.ts'

test('reads 3 s, hides 2 s, returns 2 s, leaves: visible 5 s, and the report knows the user', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/learn/algebra', { options: { userId: 'ada' } }))
  await tab.input('move')
  await read(1_500)
  await tab.input('click')
  await read(1_500)
  await tab.hide()
  const hidden = await read(2_000)
  await tab.show()
  await tab.input('key')
  await read(2_000)
  await tab.close()
  const shown = tab.shownTime()

  const [view, ...others] = await endedViews(collector, 1)
  expect(others).toEqual([])
  expect(view).toMatchObject({ path: '/learn/algebra', userId: 'ada', endReason: 'leave', site: '127.0.0.1' })
  expectTime(view!.visibleMs, shown)

  const [session] = await collector.sessions()
  const today = new Date(session!.startedAt).toISOString().slice(0, 10)
  expect(await collector.durations({ start_date: today, end_date: today })).toEqual([
    { user_id: 'ada', average_duration: session!.durationMs / 1_000 },
  ])
  // From the first display to the last, the two seconds behind another tab included.
  expect(session!.durationMs).toBe(view!.totalMs)
  expectTime(session!.durationMs - hidden, shown)
})
