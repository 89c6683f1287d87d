import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { type Driver, type Engine, elsewhere, focused, type Gesture, stepBack, type Tab } from './engine.ts'
import { createFront, type Front } from './front.ts'
import { poll } from './poll.ts'
import { makeTempDir, removeDir } from './process.ts'
import { cutPower, freeze, signal, tree } from './process-tree.ts'
import { createShownClock, type ShownClock } from './shown-time.ts'

/**
 * With the last page of a site Firefox ends its process, and a busy machine loses what that page has just sent: 7 beacons
 * of 100, and none with these. No page can do anything about it; the next visit brings what was stored. Here each page
 * would be the last of its site, which is seldom so for a reader.
 */
const KEEP_PROCESSES = {
  'dom.ipc.keepProcessesAlive.web': 4,
  'dom.ipc.keepProcessesAlive.webIsolated.max': 4,
  'dom.ipc.keepProcessesAlive.webIsolated.perOrigin': 1,
}

export interface FirefoxTab extends Tab {
  /** Puppeteer's own handle, for what no other engine can do. */
  page: Page
}

/** Starts stock Firefox without a window, and speaks WebDriver BiDi with it: its tabs are really hidden and shown. */
async function launchFirefox(profile?: string): Promise<Engine> {
  const binary = process.env.FIREFOX_BIN
  if (!binary) throw new Error('FIREFOX_BIN is not set; the global setup (ensure-browser.mjs) does it')

  const dir = profile ?? (await makeTempDir('firefox'))
  // As root it refuses a home that is somebody else's; and nothing of it is to stay in ours.
  const home = join(dir, 'home')
  await mkdir(home, { recursive: true })
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: binary,
    headless: true,
    userDataDir: dir,
    env: { ...process.env, HOME: home },
    extraPrefsFirefox: { 'browser.tabs.unloadOnLowMemory': false, ...KEEP_PROCESSES },
  })
  const child = browser.process()!
  const pid = child.pid!
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // Its first tab never gets focus, so it is the one that is in front when none of ours is.
  const other = (await browser.pages())[0] ?? (await browser.newPage())

  let stopped: number[] = []
  const resume = async () => signal(stopped.splice(0), 'SIGCONT')
  const ended = async () => {
    await exited
    if (!profile) await removeDir(dir)
  }

  const front = createFront()
  return {
    name: 'firefox',
    mayHideFirst: true, // seen in about two of three
    keepsLastPut: false, // lost in about one of ten
    async open(url) {
      const page = await front.bring(() => browser.newPage())
      const clock = createShownClock()
      const tab = asTab(page, { browser, clock, front, other })
      await focused(tab)
      // From its commit on the page is what is on screen; until then it was a blank one.
      let loaded: Promise<unknown> | undefined
      const commit = async () => {
        loaded = page.goto(url)
      }
      await front.bring(() => elsewhere(tab, commit), clock)
      await loaded
      return tab
    },
    pids: () => tree(pid),
    async suspend() {
      stopped = freeze(pid)
    },
    resume,
    async stop() {
      await resume()
      const patience = setTimeout(cutPower, 5_000, pid)
      await browser.close().catch(() => {}) // it may be gone already
      clearTimeout(patience)
      await ended()
    },
    async kill() {
      cutPower(pid)
      await ended()
    },
  }
}

export const firefoxDriver: Driver = { launch: () => launchFirefox(), launchWith: launchFirefox }

interface Place {
  browser: Browser
  clock: ShownClock
  front: Front
  /** The tab that is in front when none of ours is. */
  other: Page
}

const isLoaded = () => location.href !== 'about:blank' && document.readyState === 'complete'

function asTab(page: Page, place: Place): FirefoxTab {
  const { browser, clock, front, other } = place
  let moves = 0
  const gestures: { [gesture in Gesture]: () => Promise<void> } = {
    move: () => page.mouse.move(100 + (moves++ % 50) * 4, 100, { steps: 2 }),
    click: () => page.mouse.click(20, 20),
    key: () => page.keyboard.press('a'),
    wheel: () => page.mouse.wheel({ deltaY: 100 }),
  }
  const tab: FirefoxTab = {
    page,
    eval: <T, A>(run: (argument: A) => T | Promise<T>, argument?: A) =>
      page.evaluate(run as (argument: unknown) => T | Promise<T>, argument) as Promise<T>,
    async goto(url) {
      await page.goto(url)
    },
    // Puppeteer's own waits for a load, which a page restored from the back/forward cache never fires.
    back: () => stepBack(tab),
    hide: () => front.bring(() => other.bringToFront()),
    async show() {
      await front.bring(() => page.bringToFront(), clock)
      await focused(tab)
    },
    input: (gesture = 'move') => gestures[gesture](),
    click: (selector) => page.click(selector),
    async openBehind(selector) {
      const before = new Set(await browser.pages())
      await page.keyboard.down('Control')
      await page.click(selector)
      await page.keyboard.up('Control')
      const isNew = (one: Page) => !before.has(one)
      const behind = await poll(async () => (await browser.pages()).find(isNew), 'the tab behind')
      await poll(() => behind.evaluate(isLoaded).catch(() => false), 'its page')
      return asTab(behind, { ...place, clock: createShownClock() })
    },
    close: () => front.close(() => page.close(), clock),
    shownTime: clock.read,
  }
  return tab
}
