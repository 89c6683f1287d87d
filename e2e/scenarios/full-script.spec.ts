import type { Dwell } from '../../src/index.ts'
import { stateOf } from '../support/dwell.ts'
import { expect, read, test } from '../support/fixtures.ts'
import { endedViews, expectTime } from '../support/stored.ts'

test.skip(({ form }) => form !== 'script', 'npm takes each part by itself')
test.use({ isFull: true })

test('the full script measures as the standard one does', async ({ collector, open, pages }) => {
  const tab = await open(pages.url('/read', { options: { idleCredit: 1 } }))
  await read(1_500)
  await tab.hide()
  await read(500)
  await tab.show()
  const shown = tab.shownTime()
  await tab.close()
  const [view, ...others] = await endedViews(collector, 1)
  expect(others).toEqual([])
  expectTime(view!.visibleMs, shown)
  expect(view).toMatchObject({ client: 'ScriptTag', engagedMs: 1_000, endReason: 'leave' })
  expect(view!.timers).toBeUndefined()
})

test('beside the standard script, the first one stays', async ({ collector, open, pages }) => {
  const standard = `<script src="/dwelltime.js" data-collector="${collector.recordsUrl}"></script>`
  const tab = await open(pages.url('/read', { head: standard }))
  await read(300)
  expect(await tab.eval(() => 'timer' in window.dwelltime!)).toBe(false)
  await tab.close()
  await endedViews(collector, 1)
})

test('switched off, it watches nothing', async ({ collector, open, pages }) => {
  const watch = `<script>{
    window.watched = []
    const add = EventTarget.prototype.addEventListener
    EventTarget.prototype.addEventListener = function (type, ...rest) {
      watched.push(type)
      return add.call(this, type, ...rest)
    }
    for (const name of ['IntersectionObserver', 'MutationObserver', 'PerformanceObserver']) {
      const { observe } = window[name].prototype
      window[name].prototype.observe = function (...args) { watched.push(name); return observe.apply(this, args) }
    }
  }</script>`
  const watched = () => tab.eval(() => (window as unknown as { watched: string[] }).watched)
  const tab = await open(pages.url('/off', { options: { enabled: false }, head: watch }))
  await tab.eval(() => {
    const { timer, observe } = window.dwelltime as Required<NonNullable<typeof window.dwelltime>>
    timer('lesson').stop()
    observe(document.body, 'page')()
    return (window.dwelltime as Dwell).flush()
  })
  expect(await stateOf(tab)).toMatchObject({ stands: 'stopped' })
  expect(await watched()).toEqual([])
  await tab.close()
  expect(await collector.sessions()).toEqual([])
})
