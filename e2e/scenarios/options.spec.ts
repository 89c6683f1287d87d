import type { Dwell, start } from '../../src/index.ts'
import type { ViewRecord } from '../../src/protocol/record.ts'
import { stateOf } from '../support/dwell.ts'
import type { Tab } from '../support/engine.ts'
import { expect, poll, read } from '../support/fixtures.ts'
import { test } from '../support/gate.ts'
import { endedViews, expectTime } from '../support/stored.ts'

/** Keeps what the page heard of us on its console. */
const WATCH_CONSOLE = `<script>{
  const warn = console.warn
  window.warned = []
  console.warn = (...what) => {
    window.warned.push(what.join(' '))
    warn(...what)
  }
}</script>`

const warned = (tab: Tab) => tab.eval(() => (window as unknown as { warned: string[] }).warned)

const wrong = { samplingRate: 2, idleTimeout: 'x' }

test.describe('by script tag', () => {
  test.skip(({ form }) => form !== 'script', 'only the script tag has it')

  test('a wrong option costs one warning and no time', async ({ collector, open, pages }) => {
    const tab = await open(pages.url('/read', { options: { ...wrong, idleCredit: 1 }, head: WATCH_CONSOLE }))
    await read(1_500)
    expect(await warned(tab)).toEqual([
      expect.stringMatching(/dwelltime.*samplingRate.*2/),
      expect.stringMatching(/dwelltime.*idleTimeout.*x/),
    ])
    await tab.close()
    const shown = tab.shownTime()

    const [view] = await endedViews(collector, 1)
    expect(view!.samplingRate).toBe(1) // the default
    expectTime(view!.visibleMs, shown)
    expect(view!.engagedMs).toBe(1_000) // the right option beside the wrong ones
  })

  test('a script that is included twice counts once', async ({ collector, open, pages }) => {
    const again = `<script src="/dwelltime.js" data-collector="${collector.recordsUrl}"></script>`
    const tab = await open(pages.url('/read', { head: again + again }))
    await read(500)
    await tab.close()
    const shown = tab.shownTime()

    const [view] = await endedViews(collector, 1)
    expectTime(view!.visibleMs, shown)
    const later = await open(pages.url('/later'))
    await later.close()
    const views = await endedViews(collector, 2)
    expect(views.map((one) => one.path)).toEqual(['/read', '/later'])
  })

  test('what a page asked for before the script came is done from the first view on', async ({
    collector,
    open,
    pages,
  }) => {
    const stub = `<script>
      window.heard = []
      window.dwelltime = { q: [['on', 'view:end', (view) => window.heard.push(view)], ['ping']] }
    </script>`
    const tab = await open(pages.url('/read', { head: stub }))
    await tab.eval(() => history.pushState(null, '', '/second'))
    const heard = await poll(async () => {
      const views = await tab.eval(() => (window as unknown as { heard: ViewRecord[] }).heard)
      return views.length && views
    }, 'the end of the first view')
    expect(heard).toMatchObject([{ path: '/read', endReason: 'route' }])
    await tab.close()
    const [view] = await endedViews(collector, 2)
    const { viewId, seq, visibleMs } = heard[0]!
    expect(view).toMatchObject({ viewId, seq, visibleMs })
  })

  const placeholders = {
    'an empty object': '<script>window.dwelltime = {}</script>',
    'a flag': '<script>window.dwelltime = true</script>',
    'an element of that name': '<meta id="dwelltime">',
  }
  for (const [what, head] of Object.entries(placeholders)) {
    test(`${what} in our place does not keep the time from being measured`, async ({ collector, open, pages }) => {
      const tab = await open(pages.url('/read', { head: WATCH_CONSOLE + head }))
      await read(300)
      expect(await warned(tab)).toEqual([])
      await tab.close()
      const shown = tab.shownTime()
      const [view] = await endedViews(collector, 1)
      expectTime(view!.visibleMs, shown)
    })
  }
})

test.describe('by npm', () => {
  test.skip(({ form }) => form !== 'npm', 'only start() throws')

  for (const [name, value] of Object.entries(wrong)) {
    test(`a wrong ${name} is told before any time is measured`, async ({ collector, gate, open, pages }) => {
      const options = { collector: gate.recordsUrl, [name]: value }
      const tab = await open(pages.url('/wrong', { options }))
      await poll(() => pages.errors.length, 'the error')
      const [error, ...others] = pages.errors.splice(0)
      expect(others).toEqual([])
      expect(error).toContain('TypeError')
      expect(error).toContain(`${name}: want`)
      expect(error).toContain(JSON.stringify(value))
      expect(await tab.eval(() => indexedDB.databases())).toEqual([])
      await tab.close()

      const sentinel = await open(pages.url('/right', { options: { ...options, [name]: undefined } }))
      await sentinel.close()
      await endedViews(collector, 1)
      expect(gate.posted.flatMap(({ records }) => records).filter(({ path }) => path !== '/right')).toEqual([])
    })
  }

  test('start() called twice counts once, and after stop() anew', async ({ collector, open, pages }) => {
    const tab = await open(pages.url('/read'))
    const startAgain = () =>
      tab.eval(() => {
        const before = (window.dwelltime as Dwell).getState().viewId
        const again = (window as unknown as { start: typeof start }).start(window.dwelltimeOptions)
        return [before, again.getState().viewId]
      })
    const [first, same] = await startAgain()
    expect(same).toBe(first)
    await read(300)
    await tab.eval(() => (window.dwelltime as Dwell).stop())
    const [, second] = await startAgain()
    await tab.close()

    const views = await endedViews(collector, 2)
    expect(views.map(({ viewId, endReason }) => [viewId, endReason])).toEqual([
      [first, 'stop'],
      [second, 'leave'],
    ])
    expect(views[1]!.startedAt).toBeGreaterThanOrEqual(views[0]!.startedAt + views[0]!.totalMs)
  })
})

test('switched off, it measures nothing, sends nothing, stores nothing and listens to nothing', async ({
  collector,
  gate,
  open,
  pages,
}) => {
  const watch = `<script>{
    window.listened = []
    const add = EventTarget.prototype.addEventListener
    EventTarget.prototype.addEventListener = function (type, ...rest) {
      window.listened.push(type)
      return add.call(this, type, ...rest)
    }
  }</script>`
  const listened = (tab: Tab) => tab.eval(() => (window as unknown as { listened: string[] }).listened)

  const options = { collector: gate.recordsUrl }
  const tab = await open(pages.url('/off', { options: { ...options, enabled: false }, head: watch }))
  await tab.input('key')
  await tab.hide()
  await tab.show()
  await tab.eval(() => {
    const dwell = window.dwelltime as Dwell
    dwell.ping()
    dwell.end()
    return dwell.flush()
  })
  expect(await stateOf(tab)).toMatchObject({ visibleMs: 0, sampled: false, stands: 'stopped' })
  expect(await listened(tab)).toEqual([])
  expect(await tab.eval(() => indexedDB.databases())).toEqual([])
  await tab.close()

  const sentinel = await open(pages.url('/on', { options, head: watch }))
  expect(await listened(sentinel)).toContain('visibilitychange')
  await sentinel.close()
  await endedViews(collector, 1)
  expect(gate.posted.flatMap(({ records }) => records).filter(({ path }) => path !== '/on')).toEqual([])
})
