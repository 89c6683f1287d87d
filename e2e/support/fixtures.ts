import { test as base, expect } from '@playwright/test'
import { chromiumDriver } from './chromium.ts'
import { type Collector, type CollectorFlags, startCollector } from './collector.ts'
import type { Driver, Engine, EngineName, Tab } from './engine.ts'
import { firefoxDriver } from './firefox.ts'
import { type Form, type Pages, startPages } from './pages.ts'
import { makeTempDir, removeDir } from './process.ts'
import { webkitDriver } from './webkit.ts'

export { poll, read } from './poll.ts'
export { expect }

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
  open: (url: string) => Promise<Tab>
}

interface WorkerFixtures {
  /** How the pages take the SDK in; each scenario runs once for each, as two projects. */
  form: Form
  /** How this project's engine is started: its `browserName`, as Playwright calls it. */
  driver: Driver
  /** The browser of this worker. */
  engine: Engine
}

const drivers: { [name in EngineName]: Driver } = {
  chromium: chromiumDriver,
  firefox: firefoxDriver,
  webkit: webkitDriver,
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  form: ['script', { option: true, scope: 'worker' }],

  driver: [({ browserName }, use) => use(drivers[browserName]), { scope: 'worker' }],

  engine: [
    async ({ driver }, use) => {
      const engine = await driver.launch()
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

  open: async ({ collector, engine, pages }, use) => {
    const tabs: Tab[] = []
    await use(async (url) => {
      const tab = await engine.open(url)
      tabs.push(tab)
      if (!engine.mayHideFirst) return tab
      const close = async () => {
        const from = Date.now()
        await tab.close()
        collector.closings.push({ from, to: Date.now() })
      }
      return { ...tab, close }
    })
    const last = await engine.open(`${pages.origin}/__last`)
    for (const tab of [...tabs, last]) await tab.close()
  },
})
