import { expect, poll, read, test } from '../support/fixtures.ts'

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
  await read(2_000)
  await tab.show()
  await tab.input('key')
  await read(2_000)
  const { leastMs, mostMs } = tab.shownTime()
  await tab.close()

  const [session] = await poll(async () => {
    const sessions = await collector.sessions()
    return sessions[0]?.views[0]?.endReason && sessions
  }, 'the ended view')
  expect(session!.views).toHaveLength(1)
  const [view] = session!.views
  expect(view).toMatchObject({ path: '/learn/algebra', userId: 'ada', endReason: 'leave', site: '127.0.0.1' })
  expect(view!.visibleMs).toBeGreaterThan(leastMs - 200)
  expect(view!.visibleMs).toBeLessThan(mostMs + 200)
})
