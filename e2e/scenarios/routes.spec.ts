import type { Dwell } from '../../src/index.ts'
import { expect, read, test } from '../support/fixtures.ts'
import type { ShownTime } from '../support/shown-time.ts'
import { endedViews, expectTime, sum } from '../support/stored.ts'

/** As an app's router does it: first the address, then the title. */
const route = ({ path, title }: { path: string; title: string }) => {
  history.pushState(null, '', path)
  document.title = title
}

const none: ShownTime = { leastMs: 0, mostMs: 0 }

/** `foundAfterMs`: where nothing tells of a route, the next look finds it. */
const browsers = [
  { name: 'with the Navigation API', head: '', foundAfterMs: 0 },
  { name: 'without the Navigation API', head: '<script>delete window.navigation</script>', foundAfterMs: 250 },
]

for (const { name, head, foundAfterMs } of browsers) {
  const hasNavigation = !foundAfterMs
  test.describe(name, () => {
    test('each route of an app is a view with its own time and title', async ({ collector, open, pages }) => {
      const tab = await open(pages.url('/app', { head }))
      test.skip(hasNavigation && !(await tab.eval(() => 'navigation' in window)), 'there is no Navigation API')
      expect(await tab.eval(() => 'navigation' in window)).toBe(hasNavigation)

      // Between two marks the page was on one route.
      const marks = [none]
      const mark = async (act: () => Promise<unknown>) => {
        const { leastMs } = tab.shownTime()
        await act()
        marks.push({ leastMs, mostMs: tab.shownTime().mostMs })
      }
      await read(900)
      await mark(() => tab.eval(route, { path: '/app/list', title: 'List' }))
      await read(400)
      await mark(() => tab.eval(route, { path: '/app/list?page=2', title: 'List, page 2' }))
      await read(600)
      await tab.eval(route, { path: '/app/list?page=2#details', title: 'Details' })
      await read(200)
      await tab.back() // from the hash: no view
      await tab.eval(() => history.replaceState({ scrolled: true }, '')) // nor is a state alone
      await mark(() => tab.back()) // from the second page of the list
      await read(400)
      await mark(() => tab.close())
      const shown = tab.shownTime()

      const views = await endedViews(collector, 4)
      expect(views.map(({ path, title, endReason }) => [path, title, endReason])).toEqual([
        ['/app', 'A page to read', 'route'],
        ['/app/list', 'List', 'route'],
        ['/app/list', 'List, page 2', 'route'],
        ['/app/list', expect.any(String), 'leave'],
      ])
      expect(new Set(views.map((view) => view.viewId)).size).toBe(4)
      expect(new Set(views.map((view) => view.sessionId)).size).toBe(1)
      expectTime(sum(views, 'visibleMs'), shown)
      for (const [i, view] of views.entries()) {
        const [from, to] = [marks[i]!, marks[i + 1]!]
        const leastMs = to.leastMs - from.mostMs - foundAfterMs
        expectTime(view.visibleMs, { leastMs, mostMs: to.mostMs - from.leastMs + foundAfterMs })
      }
    })
  })
}

test('stop() gives the page its history back, and after it a route is no view', async ({ collector, open, pages }) => {
  const tab = await open(pages.url('/app', { head: '<script>delete window.navigation</script>' }))
  const isUntouched = () =>
    tab.eval(() => (['pushState', 'replaceState'] as const).every((name) => history[name] === History.prototype[name]))
  expect(await isUntouched()).toBe(false) // without the Navigation API there is no other way to know
  await tab.eval(() => (window.dwelltime as Dwell).stop())
  expect(await isUntouched()).toBe(true)
  await tab.eval(route, { path: '/app/list', title: 'List' })
  await read(300) // more than a look
  await tab.close()

  const views = await endedViews(collector, 1)
  expect(views.map(({ path, endReason }) => [path, endReason])).toEqual([['/app', 'stop']])
})
