import type { Dwell } from '../../src/index.ts'
import { stateOf } from '../support/dwell.ts'
import { arrived, type Tab } from '../support/engine.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { endedViews } from '../support/stored.ts'

test.use({ isFull: true })

const vitalsOf = (tab: Tab) => tab.eval(() => (window.dwelltime as Dwell).getState().vitals)

/** Whether the browser measures what these vitals are made of. */
const measures = (tab: Tab, ...types: string[]) =>
  tab.eval((wanted) => wanted.every((type) => PerformanceObserver.supportedEntryTypes.includes(type)), types)

const ALL = ['largest-contentful-paint', 'event', 'layout-shift', 'paint', 'navigation']

test('the vitals of the load are stored with the first view, and in no later one', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/read'))
  test.skip(!(await measures(tab, ...ALL)), 'this browser measures some of them only')
  await poll(async () => Object.keys((await vitalsOf(tab)) ?? {}).length === 4, 'LCP, FCP, CLS and TTFB')
  await tab.input('click')
  await poll(async () => (await vitalsOf(tab))?.inp !== undefined, 'INP')
  await tab.eval(() => history.pushState(null, '', '/read/on'))
  await read(300)
  await tab.close()

  const [first, second] = await endedViews(collector, 2)
  const { lcp, inp, cls, fcp, ttfb, ...others } = first!.vitals!
  expect(others).toEqual({})
  for (const ms of [lcp, inp, fcp, ttfb]) expect(Number.isInteger(ms)).toBe(true)
  expect(ttfb).toBeGreaterThan(0)
  expect(fcp).toBeGreaterThan(ttfb!)
  expect(lcp).toBeGreaterThanOrEqual(fcp!)
  expect(inp).toBeGreaterThan(0)
  expect(cls).toBe(0)
  expect(second!.vitals).toBeUndefined()
})

test('a layout shift is in the record that is written when the page is hidden', async ({ collector, open, pages }) => {
  const tab = await open(pages.url('/read'))
  test.skip(!(await measures(tab, 'layout-shift')), 'this browser does not measure layout shifts')
  await poll(async () => (await vitalsOf(tab))?.cls === 0, 'CLS')
  await tab.eval(() => {
    const banner = document.createElement('p')
    banner.style.height = '100px'
    document.body.prepend(banner)
  })
  await poll(async () => ((await vitalsOf(tab))?.cls ?? 0) > 0, 'the shift')
  const cls = (await vitalsOf(tab))?.cls
  await tab.hide()
  const [view] = await poll(async () => {
    const [session] = await collector.sessions()
    return session?.views[0]?.reason === 'hidden' && session.views
  }, 'the record of the hidden page')
  expect(view!.vitals!.cls).toBe(cls)
  expect(`${cls}`).toMatch(/^0\.\d{1,4}$/)
  await tab.close()
})

test('a page that the browser kept has vitals anew', async ({ collector, open, pages }) => {
  const tab = await open(pages.url('/first'))
  await tab.eval(() => {
    Object.assign(window, { kept: true })
  })
  test.skip(!(await measures(tab, ...ALL)), 'this browser measures some of them only')
  await poll(async () => Object.keys((await vitalsOf(tab)) ?? {}).length === 4, 'LCP, FCP, CLS and TTFB')
  await tab.click('#next')
  await arrived(tab, '/next')
  await read(1_200) // hidden for over a second: coming back is a sign of someone
  await tab.back()
  await poll(() => tab.eval(() => location.pathname === '/first'), 'the first page')
  test.skip(!(await tab.eval(() => 'kept' in window)), 'this browser does not keep pages')
  const restored = await poll(async () => {
    const { lcp, fcp, ttfb } = (await vitalsOf(tab)) ?? {}
    return lcp && fcp && ttfb === 0 && { lcp, fcp, ttfb }
  }, 'the vitals of the restored page')
  await tab.close()

  const [first, , again] = await endedViews(collector, 3)
  expect(first!.vitals!.ttfb).toBeGreaterThan(0)
  expect(again!.vitals).toMatchObject(restored)
})

test('a soft navigation has vitals of its own where the browser tells of it', async ({ collector, open, pages }) => {
  const head = `<script>
    addEventListener('DOMContentLoaded', () => {
      const button = document.body.appendChild(document.createElement('button'))
      button.id = 'go'
      button.style = 'position: fixed; inset: 0 0 auto auto'
      button.onclick = () => {
        history.pushState(null, '', '/soft/' + history.length)
        document.querySelector('h1').outerHTML = '<h1>Another page, number ' + history.length + '</h1>'
      }
    })
  </script>`
  const tab = await open(pages.url('/soft', { head }))
  test.skip(!(await measures(tab, 'soft-navigation')), 'there are no soft navigations')
  await poll(async () => Object.keys((await vitalsOf(tab)) ?? {}).length >= 4, 'the vitals of the load')
  await tab.click('#go')
  await poll(async () => (await stateOf(tab)).path !== '/soft', 'the route')
  await poll(async () => (await vitalsOf(tab))?.lcp, 'its vitals')
  await tab.close()

  const [load, soft] = await endedViews(collector, 2)
  expect(load!.vitals!.ttfb).toBeGreaterThan(0)
  expect(soft!.vitals).toMatchObject({ ttfb: 0, fcp: expect.any(Number), lcp: expect.any(Number) })
})
