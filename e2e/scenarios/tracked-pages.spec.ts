import { agreedState, stateOf } from '../support/dwell.ts'
import { expect, read } from '../support/fixtures.ts'
import { test } from '../support/gate.ts'
import { endedViews, expectTime } from '../support/stored.ts'

const trackSpecificPages = ['/learn/*']

test('time on a page that is not tracked is told to nobody', async ({ collector, gate, open, pages }) => {
  const options = { collector: gate.recordsUrl, trackSpecificPages }
  const tab = await open(pages.url('/about', { options }))
  await tab.input('key')
  await read(500)
  await tab.hide()
  await tab.show()
  const untracked = await stateOf(tab)
  expect(untracked).toMatchObject({ stands: 'untracked', visibleMs: 0 })

  await tab.goto(pages.url('/learn/algebra', { options }))
  await read(300)
  const { visibleMs: leastMs } = await stateOf(tab)
  const since = performance.now()
  await tab.close()
  const mostMs = leastMs + performance.now() - since

  const [view, ...others] = await endedViews(collector, 1)
  expect(others).toEqual([])
  expect(view).toMatchObject({ path: '/learn/algebra', sessionId: untracked.sessionId })
  expectTime(view!.visibleMs, { leastMs, mostMs })
  const posted = gate.posted.flatMap((envelope) => envelope.records)
  expect(new Set(posted.map((record) => record.path))).toEqual(new Set(['/learn/algebra']))
})

for (const isActive of [true, false]) {
  const title = isActive ? 'activity on pages that are not tracked keeps the session' : 'without it the session is over'
  test(title, async ({ collector, open, pages }) => {
    const options = { trackSpecificPages, sessionExpirationThreshold: 0.04, bufferTimeBeforeEnd: 0.3 }
    const tab = await open(pages.url('/learn/algebra', { options }))
    await agreedState(tab)
    await tab.goto(pages.url('/about', { options }))
    for (let i = 0; i < 6; i++) {
      await read(500)
      if (isActive) await tab.input('key')
    }
    await tab.goto(pages.url('/learn/geometry', { options }))
    await read(300)
    await tab.close()

    const views = await endedViews(collector, 2)
    expect(views.map((view) => view.path)).toEqual(['/learn/algebra', '/learn/geometry'])
    expect(new Set(views.map((view) => view.sessionId)).size).toBe(isActive ? 1 : 2)
  })
}
