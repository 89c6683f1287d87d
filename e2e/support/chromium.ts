import { chromium, type Page } from '@playwright/test'
import type { Engine, Gesture, Tab } from './engine.ts'
import { makeTempDir, removeDir, run } from './process.ts'
import { createShownClock, type ShownClock, timed } from './shown-time.ts'

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

  const end = async (signal: NodeJS.Signals) => {
    const patience = setTimeout(child.signal, 5_000, 'SIGKILL')
    child.signal(signal)
    await child.exited
    clearTimeout(patience)
    await browser.close()
    if (!profile) await removeDir(dir)
  }

  let inFront: ShownClock | undefined
  /** The act puts the tab of this clock in front, and so hides the one that was. */
  const toFront = async <T>(act: () => Promise<T>, clock?: ShownClock): Promise<T> => {
    const { result, moment } = await timed(act)
    if (clock !== inFront) inFront?.hidden(moment)
    clock?.shown(moment)
    inFront = clock
    return result
  }

  return {
    async open(url) {
      const page = await toFront(() => context.newPage())
      const clock = createShownClock()
      // From its commit on the page is what is on screen; until then it was a blank one.
      await toFront(() => page.goto(url, { waitUntil: 'commit' }), clock)
      await page.waitForLoadState()

      return {
        page,
        ...act(page),
        hide: () => toFront(() => other.bringToFront()),
        show: () => toFront(() => page.bringToFront(), clock),
        async close() {
          const { moment } = await timed(() => page.close())
          if (clock !== inFront) return // its time has been settled when it was hidden
          clock.hidden(moment)
          inFront = undefined // the browser chooses another tab
        },
        shownTime: clock.read,
      }
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** The acts that leave the tab where it is. */
function act(page: Page): Pick<Tab, 'eval' | 'goto' | 'back' | 'input'> {
  let moves = 0
  const gestures: { [gesture in Gesture]: () => Promise<void> } = {
    // Always to another place, and through one between: the browser reports moves without movement, which are no activity.
    move: () => page.mouse.move(100 + (moves++ % 50) * 4, 100, { steps: 2 }),
    click: () => page.mouse.click(20, 20),
    key: () => page.keyboard.press('a'),
    wheel: () => page.mouse.wheel(0, 100),
  }
  return {
    eval: (run) => page.evaluate(run),
    async goto(url) {
      await page.goto(url)
    },
    async back() {
      // A page restored from the back/forward cache never fires the load that Playwright waits for.
      await page.goBack({ waitUntil: 'commit' })
    },
    input: (gesture = 'move') => gestures[gesture](),
  }
}
