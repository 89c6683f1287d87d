import { agreedState } from '../support/dwell.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { endedViews, expectTime, storedViews } from '../support/stored.ts'

test('a page that is opened in the background and never looked at has no visible time', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/list', { form: 'none' }))
  pages.url('/next', {})
  const background = await tab.openBehind('#next')
  expect(await background.eval(() => document.visibilityState)).toBe('hidden')
  await read(500)
  const [view] = await poll(async () => {
    const views = await storedViews(collector)
    return views.length && views
  }, 'the view')
  await background.close()

  expect(view).toMatchObject({ path: '/next', state: 'hidden', visibleMs: 0, engagedMs: 0 })
  // Whatever the closed page may have sent has arrived before what a later one sends.
  const later = await open(pages.url('/later'))
  await later.close()
  const views = await endedViews(collector, 1)
  expect(views.map(({ path, visibleMs }) => [path, visibleMs > 0])).toEqual([
    ['/next', false],
    ['/later', true],
  ])
})

test('quick changes between tabs are counted to the moment', async ({ collector, open, pages }) => {
  const tab = await open(pages.url('/read'))
  for (let i = 0; i < 5; i++) {
    await read(200)
    await tab.hide()
    await read(100)
    await tab.show()
  }
  await tab.close()
  const shown = tab.shownTime()

  const [view, ...others] = await endedViews(collector, 1)
  expect(others).toEqual([])
  const { totalMs, visibleMs, engagedMs, spans } = view!
  expectTime(visibleMs, shown)
  expect(totalMs).toBeGreaterThanOrEqual(visibleMs + 5 * 50)
  expect(engagedMs).toBeLessThanOrEqual(visibleMs)
  expect(spans.filter(([kind]) => kind === 'hidden').length).toBeGreaterThanOrEqual(5)
})

test('two tabs are one session, in which no moment counts twice', async ({ collector, open, pages }) => {
  const first = await open(pages.url('/first'))
  await agreedState(first)
  await read(500)
  const second = await open(pages.url('/second')) // in front of the first
  await read(500)
  await first.close()
  await second.close()
  const shown = [first.shownTime(), second.shownTime()]

  const views = await poll(async () => {
    const all = await storedViews(collector)
    return all.length === 2 && all[1]!.endReason && all
  }, 'both views')
  expect(views.map((view) => view.path)).toEqual(['/first', '/second'])
  for (const [i, view] of views.entries()) expectTime(view.visibleMs, shown[i]!)
  const [session, ...others] = await collector.sessions()
  expect(others).toEqual([])
  expectTime(session!.visibleMs, {
    leastMs: shown[0]!.leastMs + shown[1]!.leastMs,
    mostMs: shown[0]!.mostMs + shown[1]!.mostMs,
  })
})
