import { type BrowserContext, chromium, type Page } from '@playwright/test'
import type { Driver, Engine, Gesture, Tab } from './engine.ts'
import { createFront, type Front } from './front.ts'
import { makeTempDir, removeDir, run } from './process.ts'
import { cutPower, freeze, signal, tree } from './process-tree.ts'
import { createShownClock } from './shown-time.ts'

export interface Chromium extends Engine {
  open(url: string): Promise<ChromiumTab>
}

export interface ChromiumTab extends Tab {
  /** Playwright's own handle, for what no other engine can do. */
  page: Page
}

export interface ChromiumOptions {
  /** A profile to use again after `stop()` or `kill()`; without it a fresh one. */
  profile?: string
  args?: string[]
}

/**
 * Starts stock Chromium ourselves and attaches Playwright with `noDefaults`: a browser that Playwright launches is always
 * visible and focused (it emulates focus), never throttles a timer and never uses its back/forward cache.
 */
export async function launchChromium({ profile, args = [] }: ChromiumOptions = {}): Promise<Chromium> {
  const binary = process.env.CHROMIUM_BIN
  if (!binary) throw new Error('CHROMIUM_BIN is not set; the global setup (ensure-browser.mjs) does it')

  const dir = profile ?? (await makeTempDir('chromium'))
  const child = run(binary, [
    '--headless=new',
    '--remote-debugging-port=0',
    `--user-data-dir=${dir}`,
    // Only our own pages are opened. With its sandbox Chromium does not start as root or where user namespaces are restricted.
    '--no-sandbox',
    '--disable-dev-shm-usage', // containers give it 64 MB
    '--no-first-run',
    '--no-default-browser-check',
    '--password-store=basic',
    '--use-mock-keychain',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-extensions',
    '--disable-sync',
    ...args,
    'about:blank',
  ])
  const [, endpoint] = await child.printed(/DevTools listening on (ws:\S+)/)
  const browser = await chromium.connectOverCDP(endpoint!, { noDefaults: true })
  // Only the default context: pages of a new one get emulated focus again.
  const context = browser.contexts()[0]!
  const other = context.pages()[0] ?? (await context.newPage())

  let stopped: number[] = []
  const resume = async () => signal(stopped.splice(0), 'SIGCONT')
  const ended = async () => {
    await child.exited
    await browser.close()
    if (!profile) await removeDir(dir)
  }

  const front = createFront()
  return {
    name: 'chromium',
    mayHideFirst: false,
    keepsLastPut: true,
    async open(url) {
      const page = await front.bring(() => context.newPage())
      const clock = createShownClock()
      // From its commit on the page is what is on screen; until then it was a blank one.
      await front.bring(() => page.goto(url, { waitUntil: 'commit' }), clock)
      await page.waitForLoadState()
      return asTab(page, { clock, context, front, other })
    },
    pids: () => tree(child.pid),
    async suspend() {
      stopped = freeze(child.pid)
    },
    resume,
    async stop() {
      await resume()
      const patience = setTimeout(child.signal, 5_000, 'SIGKILL')
      child.signal('SIGTERM')
      await child.exited
      clearTimeout(patience)
      await ended()
    },
    async kill() {
      cutPower(child.pid)
      await ended()
    },
  }
}

export const chromiumDriver: Driver = {
  launch: () => launchChromium(),
  launchWith: (profile) => launchChromium({ profile }),
}

interface Place {
  clock: ReturnType<typeof createShownClock>
  context: BrowserContext
  front: Front
  /** The tab that is in front when none of ours is. */
  other: Page
}

function asTab(page: Page, place: Place): ChromiumTab {
  const { clock, context, front, other } = place
  let moves = 0
  const gestures: { [gesture in Gesture]: () => Promise<void> } = {
    // Always to another place, and through one between: the browser reports moves without movement, which are no activity.
    move: () => page.mouse.move(100 + (moves++ % 50) * 4, 100, { steps: 2 }),
    click: () => page.mouse.click(20, 20),
    key: () => page.keyboard.press('a'),
    wheel: () => page.mouse.wheel(0, 100),
  }
  return {
    page,
    eval: <T, A>(run: (argument: A) => T | Promise<T>, argument?: A) =>
      page.evaluate(run as (argument: unknown) => T | Promise<T>, argument),
    async goto(url) {
      await page.goto(url)
    },
    async back() {
      // A page restored from the back/forward cache never fires the load that Playwright waits for.
      await page.goBack({ waitUntil: 'commit' })
    },
    hide: () => front.bring(() => other.bringToFront()),
    show: () => front.bring(() => page.bringToFront(), clock),
    input: (gesture = 'move') => gestures[gesture](),
    click: (selector) => page.click(selector, { noWaitAfter: true }),
    async openBehind(selector) {
      const opened = context.waitForEvent('page')
      await page.click(selector, { modifiers: ['ControlOrMeta'] })
      const behind = await opened
      await behind.waitForLoadState()
      return asTab(behind, { ...place, clock: createShownClock() })
    },
    close: () => front.close(() => page.close(), clock),
    shownTime: clock.read,
  }
}
