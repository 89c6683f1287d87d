import { test as base, expect } from '@playwright/test'
import { type Chromium, type ChromiumTab, launchChromium } from './chromium.ts'
import { type Collector, type CollectorFlags, startCollector } from './collector.ts'
import { type Form, type Pages, startPages } from './pages.ts'
import { makeTempDir, removeDir } from './process.ts'

export { expect }
export { poll, read } from './poll.ts'

interface Fixtures {
  /** Flags of this test's collector: `test.use({ collectorFlags: { 'reap-grace': 300 } })`. */
  collectorFlags: CollectorFlags
  /** The pages have sections, timers and web vitals, too: `test.use({ isFull: true })`. */
  isFull: boolean
  /** A real collector process with a data directory of its own. */
  collector: Collector
  /** A site on another origin, its pages set up with the SDK in this project's form, posting to the collector. */
  pages: Pages
  /** Opens a tab in front; whatever is still open after the test is closed. */
  open: (url: string) => Promise<ChromiumTab>
}

interface WorkerFixtures {
  /** How the pages take the SDK in; each scenario runs once for each, as two projects. */
  form: Form
  /** The browser of this worker. */
  engine: Chromium
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  form: ['script', { option: true, scope: 'worker' }],

  engine: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern.
    async ({}, use) => {
      const engine = await launchChromium()
      await use(engine)
      await engine.stop()
    },
    { scope: 'worker' },
  ],

  collectorFlags: [{}, { option: true }],
  isFull: [false, { option: true }],

  collector: async ({ collectorFlags }, use) => {
    const dir = await makeTempDir('data')
    const collector = await startCollector(dir, collectorFlags)
    await use(collector)
    await collector.stop()
    await removeDir(dir)
  },

  pages: async ({ form, isFull, collector }, use) => {
    const pages = await startPages({ form, isFull, options: { collector: collector.recordsUrl } })
    await use(pages)
    pages.stop()
    expect(pages.errors, 'what the pages did not catch').toEqual([])
  },

  open: async ({ engine, pages }, use) => {
    const tabs: ChromiumTab[] = []
    await use(async (url) => {
      const tab = await engine.open(url)
      tabs.push(tab)
      return tab
    })
    const last = await engine.open(`${pages.origin}/__last`)
    for (const tab of [...tabs, last]) await tab.close()
  },
})
