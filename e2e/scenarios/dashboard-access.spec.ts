import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import type { AxeResults } from 'axe-core'
import { DAY_MS, dashboard, drawn, playwrightPage, send, VIEWS, visit } from '../support/dashboard.ts'
import type { Tab } from '../support/engine.ts'
import { expect, poll, test } from '../support/fixtures.ts'

test.skip(({ form }) => form !== 'script', 'the dashboard is the same, whatever form the SDK comes in')

const YESTERDAY = Date.now() - DAY_MS

/** What a site that means no good sends; all of it has to stay text. */
const HOSTILE = {
  path: '/"><img src=x onerror="hacked=1">',
  title: '<img src=x onerror="hacked=1">',
  pageGroup: '<script>hacked=1</script>',
  referrerHost: 'javascript:hacked=1',
  userId: '<svg onload="hacked=1">',
  visitorId: 'javascript:hacked=1',
  utm: { source: 'javascript:hacked=1', campaign: '"onfocus="hacked=1" autofocus="' },
  timers: { '<img src=x onerror="hacked=1">': [9_000, 8_000, 7_000] as [number, number, number] },
}

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] as const

/** A bit of everything that a view can show. */
const RECORDS = [
  visit(YESTERDAY, HOSTILE),
  visit(YESTERDAY + 1, { path: 'javascript:hacked=1', title: 'javascript:hacked=1' }),
  visit(YESTERDAY + 2, { userId: 'ada', scrollDepth: 0.8, thresholds: [10], vitals: { lcp: 1_200, cls: 0.1 } }),
  visit(YESTERDAY + 3, { samplingRate: 0.5, utm: { campaign: 'spring' }, timers: { video: [9_000, 8_000, 7_000] } }),
]

/** Every view and both details, by their addresses. */
const PLACES: Record<string, string>[] = [
  ...VIEWS.map((view) => ({ view })),
  { view: 'page', page: RECORDS[2]!.path },
  { view: 'page', page: HOSTILE.path },
  { view: 'session', session: RECORDS[0]!.sessionId },
]

test('what a page says of itself stays text, in every view', async ({ collector, open }) => {
  await send(collector, RECORDS)
  const tab = await open(dashboard(collector))
  for (const place of PLACES) {
    await tab.goto(dashboard(collector, place))
    await drawn(tab)
    const found = await tab.eval(() => ({
      hacked: 'hacked' in window,
      made: document.querySelectorAll('img[src="x"], main script, svg[onload], [onerror], [onfocus]').length,
      links: [...document.querySelectorAll<HTMLAnchorElement>('a')].filter((a) => a.protocol === 'javascript:').length,
    }))
    expect(found, JSON.stringify(place)).toEqual({ hacked: false, made: 0, links: 0 })
  }
  await tab.goto(dashboard(collector, { view: 'pages' }))
  await drawn(tab)
  const text = await tab.eval(() => document.body.textContent!)
  expect(text).toContain(HOSTILE.path)
  expect(text).toContain('javascript:hacked=1')
})

test('no view breaks its policy or says anything to the console', async ({ collector, open }) => {
  await send(collector, RECORDS)
  const tab = await open('about:blank')
  const page = playwrightPage(tab)
  if (!page) return test.skip(true, 'only this driver hears the console from the first line of a page on')
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  await page.addInitScript(() =>
    addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective}`)),
  )
  for (const place of PLACES) {
    await page.goto(dashboard(collector, place))
    await drawn(tab)
    expect(faults, JSON.stringify(place)).toEqual([])
  }
  // It would have been heard.
  await page.evaluate(() => document.body.insertAdjacentElement('beforeend', document.createElement('iframe')))
  await page.evaluate(() => fetch('https://example.com/').catch(() => {}))
  await poll(() => faults.some((fault) => fault.startsWith('policy: connect-src')), 'the violation that was made')
})

/** What axe is asked of a view: in the dark only colours differ, on a phone where things are. */
const LOOKS = [
  { colorScheme: 'light', width: 1280, runOnly: WCAG },
  { colorScheme: 'dark', width: 1280, runOnly: ['color-contrast'] },
  { colorScheme: 'dark', width: 390, runOnly: ['color-contrast'] },
  { colorScheme: 'light', width: 390, runOnly: WCAG },
] as const

const half = Math.ceil(PLACES.length / 2)
for (const [name, places] of [
  ['the first', PLACES.slice(0, half)],
  ['the other', PLACES.slice(half)],
] as const) {
  test(`axe finds nothing in light and dark, wide and on a phone, in ${name} views`, async ({ collector, open }) => {
    test.setTimeout(180_000) // a minute is enough unless the machine is busy
    await send(collector, RECORDS)
    const tab = await open(dashboard(collector))
    const page = playwrightPage(tab)
    if (!page) return test.skip(true, 'only this driver can choose colours and width')
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    for (const place of places) {
      await page.goto(dashboard(collector, place))
      await drawn(tab)
      await page.evaluate(axe)
      for (const { colorScheme, width, runOnly } of LOOKS) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        const found = await page.evaluate(askAxe, [...runOnly])
        const overflowPx = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        expect({ place, width, found, scrollsSideways: overflowPx > 0 }).toEqual({
          ...{ place, width, found: [], scrollsSideways: false },
        })
      }
    }
  })
}

/** In the page. What is on its way to other colours is awaited. */
async function askAxe(runOnly: string[]): Promise<string[]> {
  await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))
  const { axe } = window as unknown as { axe: { run(options: object): Promise<AxeResults> } }
  const { violations } = await axe.run({ runOnly, resultTypes: ['violations'] })
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

test('the keyboard alone reaches everything, and one sees where it is', async ({ collector, open }) => {
  test.setTimeout(180_000) // half a minute is enough unless the machine is busy
  await send(collector, RECORDS)
  const tab = await open(dashboard(collector))
  const page = playwrightPage(tab)
  if (!page) return test.skip(true, 'only this driver has all keys')
  for (const place of PLACES) {
    await page.goto(dashboard(collector, place))
    await drawn(tab)
    const reached = await tabThrough(page)
    expect(reached.unseen, JSON.stringify(place)).toEqual([])
    expect(reached.missed, JSON.stringify(place)).toEqual([])
  }

  // The first stop leads past the menu; a view that was chosen begins at its heading.
  await page.goto(dashboard(collector))
  await drawn(tab)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await tab.eval(() => document.activeElement!.id)).toBe('main')
  await page.locator('nav a', { hasText: 'Pages' }).focus()
  await page.keyboard.press('Enter')
  await poll(() => tab.eval(() => document.activeElement?.tagName === 'H1'), 'the focus on the heading')
  expect(await tab.eval(() => document.activeElement!.textContent)).toBe('Pages')

  // Arrow keys choose what a chart is of.
  await page.goto(dashboard(collector))
  await drawn(tab)
  await page.locator('input[type="radio"]:checked').first().focus()
  await page.keyboard.press('ArrowRight')
  await poll(() => tab.eval(() => new URLSearchParams(location.search).has('metric')), 'another metric')
  const around = await tab.eval(() => {
    const label = document.activeElement!.closest('label')!
    return [label, ...label.children].map((element) => getComputedStyle(element).outlineStyle)
  })
  expect(around.some((style) => style !== 'none')).toBe(true)
})

/** From the top to the end by Tab: what has the focus without a sign of it, and what can have it but was passed by. */
async function tabThrough(page: Page): Promise<{ unseen: string[]; missed: string[] }> {
  await page.evaluate(() => {
    const tabbable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
    const isOffered = (element: Element) =>
      element.checkVisibility() && !(element as HTMLButtonElement).disabled && !element.closest('[inert]')
    const isOtherRadio = (element: Element) => element instanceof HTMLInputElement && element.type === 'radio'
    const all = [...document.querySelectorAll(tabbable)].filter((each) => isOffered(each) && !isOtherRadio(each))
    Object.assign(window, { left: new Set(all), unseen: new Set() })
  })
  for (let stop = 0; stop < 400; stop++) {
    await page.keyboard.press('Tab')
    const isOver = await page.evaluate(() => {
      const { left, unseen } = window as unknown as { left: Set<Element>; unseen: Set<Element> }
      const element = document.activeElement
      if (!element || element === document.body) return true
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      const isSeen = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
      // A date has stops inside, which the browser marks itself: its first is what the style sheet is about.
      if (!isSeen && left.has(element)) unseen.add(element)
      left.delete(element)
      return false
    })
    if (isOver) break
  }
  return page.evaluate(() => {
    const { left, unseen } = window as unknown as { left: Set<Element>; unseen: Set<Element> }
    const say = (elements: Set<Element>) => [...elements].map((element) => element.outerHTML.slice(0, 120))
    return { unseen: say(unseen), missed: say(left) }
  })
}

test('whoever opens the demo is seen live', async ({ collector, open }) => {
  const tab = await open(dashboard(collector, { view: 'live' }))
  await drawn(tab)
  const showsDemo = (tab: Tab) => tab.eval(() => document.querySelector('main')!.textContent!.includes('/demo/'))
  expect(await showsDemo(tab)).toBe(false)
  const reader = await open(`${collector.url}/demo/`)
  await tab.show()
  await poll(() => showsDemo(tab), 'the visitor of the demo')
  await reader.close()
})
