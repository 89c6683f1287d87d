// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { MetricType } from 'web-vitals'
import { createExtensibleDwell, type ExtensibleDwell } from '../src/extend.ts'
import { createInertDwell } from '../src/inert.ts'
import { readStart } from '../src/signals/page-lifecycle.ts'
import { type OpenPage, openPage } from './support/page.ts'
import { setPage, trusted } from './support/scope.ts'

/** What web-vitals has been asked for, each with what hears of it. */
let asked: { name: string; hear: (metric: MetricType) => void; options: object }[]

vi.mock('web-vitals', () => {
  const names = ['LCP', 'INP', 'CLS', 'FCP', 'TTFB']
  const ask = (name: string) => (hear: (metric: MetricType) => void, options: object) =>
    void asked.push({ name, hear, options })
  return Object.fromEntries(names.map((name) => [`on${name}`, ask(name)]))
})

let page: OpenPage
let dwells: ExtensibleDwell[]
let vitals: typeof import('../src/vitals.ts').vitals

function measure(): ExtensibleDwell {
  const dwell = createExtensibleDwell({ site: 'docs' }, dwells.length === 0 ? readStart() : undefined)
  dwells.push(dwell)
  return dwell
}

/** web-vitals reports: of the page load, unless it says otherwise. */
function report(name: MetricType['name'], value: number, given: Partial<MetricType> = {}): void {
  const metric = { name, value, navigationType: 'navigate', navigationStartTime: 0, ...given } as MetricType
  for (const one of asked) if (one.name === name) one.hear(metric)
}

async function go(path: string): Promise<void> {
  history.pushState(null, '', path)
  await page.pass(250)
}

/** The page was in the back/forward cache. Answers when it came back. */
async function restore(): Promise<number> {
  window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }))
  page.show('hidden')
  await page.pass(1_000)
  setPage('visible')
  const event = trusted(new Event('pageshow'), { persisted: true, timeStamp: performance.now() })
  window.dispatchEvent(event)
  return event.timeStamp
}

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory()
  history.replaceState(null, '', '/first')
  asked = []
  dwells = []
  page = openPage()
  vi.resetModules() // another page
  vitals = (await import('../src/vitals.ts')).vitals
})
afterEach(() => {
  for (const dwell of dwells) dwell.stop()
  page.close()
})

test('go into the first view of the page load: milliseconds whole, CLS with four digits', async () => {
  const dwell = measure()
  vitals(dwell)
  expect(dwell.getState().vitals).toBeUndefined()
  await page.pass(500)
  report('TTFB', 11.6)
  report('FCP', 120.4)
  report('LCP', 120.5)
  report('CLS', 0)
  report('INP', 48)
  report('LCP', 250)
  report('CLS', 0.123456)
  page.show('hidden')
  const expected = { ttfb: 12, fcp: 120, lcp: 250, cls: 0.1235, inp: 48 }
  expect(page.records().at(-1)).toMatchObject({ reason: 'hidden', vitals: expected })
  expect(dwell.getState().vitals).toEqual(expected)
})

test('every change is asked for, and soft navigations, once a page', () => {
  const dwell = measure()
  vitals(dwell)
  vitals(dwell)
  dwell.stop()
  vitals(measure())
  expect(asked.map(({ name }) => name).sort()).toEqual(['CLS', 'FCP', 'INP', 'LCP', 'TTFB'])
  for (const { options } of asked) expect(options).toEqual({ reportAllChanges: true, reportSoftNavs: true })
})

test('a written record does not change with what comes later', async () => {
  const dwell = measure()
  vitals(dwell)
  const ended = vi.fn()
  dwell.on('session:stats', ended)
  await page.pass(500)
  report('CLS', 0.1)
  page.show('hidden')
  const record = page.records().at(-1)!
  report('CLS', 0.2)
  expect(record.vitals).toEqual({ cls: 0.1 })
})

test('of the page load are in no later view: of a route, a new session, another tracker', async () => {
  const dwell = measure()
  vitals(dwell)
  await page.pass(500)
  report('LCP', 100)
  await go('/second')
  report('CLS', 0.3)
  expect(dwell.getState()).toMatchObject({ path: '/second', vitals: undefined })
  dwell.end()
  page.input()
  await page.settle()
  report('CLS', 0.4)
  expect(dwell.getState()).toMatchObject({ path: '/second', vitals: undefined })
  dwell.stop()

  const other = measure()
  vitals(other)
  await page.pass(500)
  report('CLS', 0.5)
  expect(other.getState()).toMatchObject({ path: '/second', vitals: undefined })
  const withVitals = page.records().filter((record) => record.vitals)
  expect(withVitals.map(({ path, vitals }) => [path, vitals])).toEqual(withVitals.map(() => ['/first', { lcp: 100 }]))
})

test('asked for late find only the view that they belong to', async () => {
  const dwell = measure()
  await go('/second')
  vitals(dwell)
  report('LCP', 100)
  expect(dwell.getState()).toMatchObject({ path: '/second', vitals: undefined })
})

test('of a restored page are in the view that it begins', async () => {
  const dwell = measure()
  vitals(dwell)
  await page.pass(500)
  report('LCP', 100)
  report('TTFB', 50)
  const navigationStartTime = await restore()
  // web-vitals hears of the same event, perhaps before the store has answered and the view begins.
  const restored = { navigationType: 'back-forward-cache', navigationStartTime } as const
  report('TTFB', 0, restored)
  await page.pass(250)
  report('LCP', 30, restored)
  report('CLS', 0.9) // late, and of the page load
  expect(dwell.getState().vitals).toEqual({ ttfb: 0, lcp: 30 })
  await go('/second')
  report('CLS', 0.2, restored)
  expect(dwell.getState().vitals).toBeUndefined()
})

test('of a soft navigation are in the view of its route', async () => {
  const dwell = measure()
  vitals(dwell)
  await page.pass(500)
  const clickedAt = performance.now()
  await page.pass(300)
  await go('/second')
  const soft = {
    navigationType: 'soft-navigation',
    navigationStartTime: clickedAt,
    navigationURL: new URL('/second', location.href).href,
  } as const
  report('LCP', 320, soft)
  report('INP', 80) // the load's last word
  expect(dwell.getState()).toMatchObject({ path: '/second', vitals: { lcp: 320 } })

  // One that changes the fragment only begins no view; what it brings is nobody's, also when the route changes later.
  const inPage = { ...soft, navigationStartTime: performance.now(), navigationURL: `${soft.navigationURL}#part` }
  report('LCP', 999, inPage)
  await go('/third')
  report('CLS', 0.7, inPage)
  report('CLS', 0.1, soft)
  expect(dwell.getState()).toMatchObject({ path: '/third', vitals: undefined })
})

test('of a tracker that is inert are not asked for', () => {
  vitals(createInertDwell())
  const off = createExtensibleDwell({ enabled: false })
  vitals(off)
  expect(asked).toEqual([])
})

test('after stop() nothing is heard', async () => {
  const dwell = measure()
  vitals(dwell)
  await page.pass(500)
  dwell.stop()
  const posts = page.posts.length
  report('LCP', 100)
  await page.pass(1_000)
  expect(page.posts).toHaveLength(posts)
  expect(dwell.getState().vitals).toBeUndefined()
  expect(vi.getTimerCount()).toBe(0)
})
