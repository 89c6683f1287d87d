import { handoverOf, stateOf } from '../support/dwell.ts'
import { arrived } from '../support/engine.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { without } from '../support/shown-time.ts'
import { endedViews, expectTime, sum } from '../support/stored.ts'

test('coming back to a page that the browser kept is a new view, and the time away is not in it', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/first'))
  await tab.eval(() => {
    Object.assign(window, { kept: true })
  })
  const before = await stateOf(tab)
  await read(600)
  await tab.click('#next')
  await arrived(tab, '/next')
  const handover = await handoverOf(tab)
  await read(900)
  const beforeBack = performance.now()
  await tab.back()
  const backMs = performance.now() - beforeBack
  await poll(() => tab.eval(() => location.pathname === '/first'), 'the first page')
  test.skip(!(await tab.eval(() => 'kept' in window)), 'this browser does not keep pages')
  const after = await stateOf(tab)
  expect(after.viewId).not.toBe(before.viewId)
  expect(after.sessionId).toBe(before.sessionId)
  await read(300)
  await tab.close()
  const shown = without(tab.shownTime(), handover + backMs)

  const views = await endedViews(collector, 3)
  expect(views.map(({ path, endReason }) => [path, endReason])).toEqual([
    ['/first', 'bfcache'],
    ['/next', 'bfcache'],
    ['/first', 'leave'],
  ])
  expect(views.map((view) => view.viewId)).toEqual([before.viewId, expect.any(String), after.viewId])
  expect(new Set(views.map((view) => view.sessionId))).toEqual(new Set([before.sessionId]))
  expectTime(sum(views, 'visibleMs'), shown)
  const [session] = await collector.sessions()
  expectTime(session!.visibleMs, shown)
})
