import type { Dwell } from '../../src/index.ts'
import type { Sections } from '../../src/sections.ts'
import type { Tab } from '../support/engine.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { endedViews, expectTime } from '../support/stored.ts'

test.use({ isFull: true })

/** A page of two sections, each as high as the viewport and more; the first one is in view. */
const head = `<script>
  addEventListener('DOMContentLoaded', () => {
    document.body.innerHTML = '<section data-dwell="top" style="height: 200vh">Top</section>' +
      '<section id="bottom" data-dwell="bottom" style="height: 200vh">Bottom</section>'
  })
</script>`

/** What happens on the page since `act` was done, as the test and the page can differ about it. */
async function stretch(tab: Tab, act: () => Promise<unknown>) {
  const before = tab.shownTime()
  await act()
  const after = tab.shownTime()
  return (end: ReturnType<Tab['shownTime']>) => ({
    leastMs: end.leastMs - after.mostMs,
    mostMs: end.mostMs - before.leastMs,
  })
}

const timersOf = (tab: Tab) => tab.eval(() => (window.dwelltime as Dwell).getState().timers)

test('a timer is stored with its view: what was hidden meanwhile is in its total, not in its visible time', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/lesson'))
  await read(500)
  const since = await stretch(tab, () =>
    tab.eval(() => {
      const dialog = (window.dwelltime as Sections).timer('dialog')
      Object.assign(window, { dialog })
    }),
  )
  await read(600)
  await tab.hide()
  const hidden = await read(800)
  await tab.show()
  await read(400)
  const end = tab.shownTime()
  await tab.eval(() => (window as unknown as { dialog: { stop(): void } }).dialog.stop())
  await read(500)
  await tab.close()

  const [view] = await endedViews(collector, 1)
  const [totalMs, visibleMs, engagedMs] = view!.timers!.dialog!
  expectTime(visibleMs, since(end))
  expectTime(totalMs - hidden, since(end))
  expect(engagedMs).toBeGreaterThan(visibleMs - 200) // all but the moments that it took to get the focus back
  expect(engagedMs).toBeLessThanOrEqual(visibleMs)
  expect(view!.visibleMs).toBeGreaterThan(visibleMs + 700)
})

test('sections run while they are in view, and go on in the next view from 0', async ({ collector, open, pages }) => {
  const tab = await open(pages.url('/course', { head }))
  await poll(async () => (await timersOf(tab))?.top, 'the first section to run')
  await read(600)
  await tab.eval(() => document.getElementById('bottom')!.scrollIntoView())
  await poll(async () => (await timersOf(tab))?.bottom, 'the second section to run')
  const first = await timersOf(tab)
  await read(400)
  await tab.eval(() => history.pushState(null, '', '/course/2'))
  const since = await stretch(tab, async () => {})
  await read(500)
  await tab.eval(() => document.getElementById('bottom')!.remove())
  const end = tab.shownTime()
  await poll(async () => {
    const [one, two] = [await timersOf(tab), await timersOf(tab)]
    return JSON.stringify(one?.bottom) === JSON.stringify(two?.bottom)
  }, 'the removed section to stop')
  await read(300)
  await tab.close()

  const [one, two] = await endedViews(collector, 2)
  const { top, bottom } = one!.timers!
  expect(top).toEqual(first!.top) // stood still since it was scrolled away
  expect(top![1]).toBeGreaterThan(500)
  expect(bottom![1]).toBeGreaterThan(350)
  expect(top![1] + bottom![1]).toBeLessThanOrEqual(one!.visibleMs)
  expectTime(two!.timers!.bottom![1], since(end))
  expect(two!.visibleMs - two!.timers!.bottom![1]).toBeGreaterThan(200)
  for (const view of [one!, two!]) {
    for (const [totalMs, visibleMs, engagedMs] of Object.values(view.timers!)) {
      expect(engagedMs).toBeLessThanOrEqual(visibleMs)
      expect(visibleMs).toBeLessThanOrEqual(totalMs)
      expect(totalMs).toBeLessThanOrEqual(view.totalMs)
    }
  }
})

test('what is wrong with a name is told, and costs no other its time', async ({ collector, open, pages }) => {
  const watch =
    '<script>window.told = []; window.dwelltimeOptions = { onError: (error) => told.push(error.message) }</script>'
  const tab = await open(pages.url('/read', { head: watch }))
  await tab.eval(() => {
    const { timer } = window.dwelltime as Sections
    timer('')
    for (let i = 0; i < 22; i++) timer(`t${i}`)
  })
  await read(300)
  expect(await tab.eval(() => (window as unknown as { told: string[] }).told)).toEqual([
    expect.stringContaining('1 to 64 characters'),
    expect.stringContaining('more than 20'),
  ])
  await tab.close()
  const [view] = await endedViews(collector, 1)
  expect(Object.keys(view!.timers!)).toEqual(Array.from({ length: 20 }, (_, i) => `t${i}`))
})

test('after stop() no section is watched', async ({ collector, open, pages }) => {
  const watch = `<script>{
    window.observers = new Set()
    for (const name of ['IntersectionObserver', 'MutationObserver']) {
      const { observe, disconnect } = window[name].prototype
      window[name].prototype.observe = function (...args) { observers.add(this); return observe.apply(this, args) }
      window[name].prototype.disconnect = function () { observers.delete(this); return disconnect.call(this) }
    }
  }</script>`
  const observers = (tab: Tab) => tab.eval(() => (window as unknown as { observers: Set<unknown> }).observers.size)
  const tab = await open(pages.url('/course', { head: watch + head }))
  await poll(async () => (await timersOf(tab))?.top, 'the first section to run')
  expect(await observers(tab)).toBe(2)
  await tab.eval(() => (window.dwelltime as Dwell).stop())
  expect(await observers(tab)).toBe(0)
  await tab.close()
  const [view] = await endedViews(collector, 1)
  expect(view).toMatchObject({ endReason: 'stop', timers: { top: expect.any(Array) } })
})

test.describe('by script tag', () => {
  test.skip(({ form }) => form !== 'script', 'npm has no stub')

  test('a timer that was asked for before the script came runs from the first view on', async ({
    collector,
    open,
    pages,
  }) => {
    const stub = `<script>window.dwelltime = { q: [['timer', 'lesson'], ['ping']] }</script>`
    const tab = await open(pages.url('/read', { head: stub }))
    await read(500)
    await tab.close()
    const [view] = await endedViews(collector, 1)
    expect(view!.timers!.lesson![1]).toBeGreaterThan(400)
    expect(view!.timers!.lesson![1]).toBeLessThanOrEqual(view!.visibleMs)
  })
})
