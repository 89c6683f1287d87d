import type { CDPSession, Page } from '@playwright/test'
import { type Chromium, type ChromiumTab, launchChromium } from '../../../e2e/support/chromium.ts'
import type { Gesture, Tab } from '../../../e2e/support/engine.ts'
// @ts-expect-error A script without types, which the tests run as their global setup.
import { ensureBrowser } from '../../../e2e/support/ensure-browser.mjs'
import { makeTempDir, removeDir, run } from '../../../e2e/support/process.ts'
import type { Driver, Unattended } from './driver.ts'

export async function driveChromium(): Promise<Driver> {
  process.env.CHROMIUM_BIN ??= await ensureBrowser()
  const engine: Chromium = await launchChromium()
  const first = await engine.open('about:blank')
  const context = first.page.context()
  const browser = context.browser()!
  const cdp = await browser.newBrowserCDPSession()
  /** The tab that the others are hidden behind. */
  const parked = context.pages()[0]!
  await first.close()

  /** Opens by the protocol what the driver's own `open` does not know, and waits for what was opened. */
  async function create(url: string, how: { background?: boolean; newWindow?: boolean }): Promise<Tab> {
    const opened = context.waitForEvent('page')
    await cdp.send('Target.createTarget', { url, ...how })
    const page = await opened
    await page.waitForLoadState()
    return tabOf(page, parked)
  }

  return {
    name: 'chromium',
    version: `Chromium ${browser.version()}`,
    open: engine.open,
    cannot: {},
    can: {
      minimise: (tab) => setWindow(tab, 'minimized'),
      restore: (tab) => setWindow(tab, 'normal'),
      openBehind: (url) => create(url, { background: true }),
      openWindow: (url) => create(url, { newWindow: true }),
      freeze: (tab) => withSession(tab, (session) => session.send('Page.setWebLifecycleState', { state: 'frozen' })),
      thaw: (tab) => withSession(tab, (session) => session.send('Page.setWebLifecycleState', { state: 'active' })),
      touch: (tab) =>
        withSession(tab, async (session) => {
          const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
            session.send('Input.dispatchTouchEvent', { type, touchPoints: y ? [{ x: 200, y }] : [] })
          await touch('touchStart', 300)
          await touch('touchMove', 280)
          await touch('touchMove', 260)
          await touch('touchEnd')
        }),
      answerDialog(tab, afterMs) {
        pageOf(tab).once('dialog', (dialog) => setTimeout(() => dialog.accept(), afterMs))
      },
      async rootPid() {
        const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
        return processInfo.find(({ type }) => type === 'browser')!.id
      },
      unattended,
      openTogether: (urls) => Promise.all(urls.map((url) => create(url, { newWindow: true }))),
    },
    stop: engine.stop,
  }
}

const pageOf = (tab: Tab): Page => (tab as ChromiumTab).page

async function withSession<T>(tab: Tab, act: (session: CDPSession) => Promise<T>): Promise<void> {
  const session = await pageOf(tab).context().newCDPSession(pageOf(tab))
  await act(session)
  await session.detach()
}

const setWindow = (tab: Tab, windowState: 'minimized' | 'normal') =>
  withSession(tab, async (session) => {
    const { windowId } = await session.send('Browser.getWindowForTarget')
    await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
  })

/** A tab that did not come by the engine's `open`. */
function tabOf(page: Page, parked: Page): ChromiumTab {
  const gestures: { [gesture in Gesture]: () => Promise<void> } = {
    move: () => page.mouse.move(100 + Math.random() * 200, 100, { steps: 2 }),
    click: () => page.mouse.click(20, 20),
    key: () => page.keyboard.press('a'),
    wheel: () => page.mouse.wheel(0, 100),
  }
  return {
    page,
    eval: (run) => page.evaluate(run),
    async goto(url) {
      await page.goto(url)
    },
    async back() {
      await page.goBack({ waitUntil: 'commit' })
    },
    hide: () => parked.bringToFront(),
    show: () => page.bringToFront(),
    input: (gesture = 'move') => gestures[gesture](),
    close: () => page.close(),
    shownTime: () => ({ leastMs: 0, mostMs: Number.POSITIVE_INFINITY }),
  }
}

/** Only ever asked by plain HTTP, which opens tabs and attaches to none. */
async function unattended(): Promise<Unattended> {
  const profile = await makeTempDir('unattended')
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--remote-debugging-port=0',
    '--disable-popup-blocking', // nobody is there to click
  ]
  const child = run(process.env.CHROMIUM_BIN!, [...flags, `--user-data-dir=${profile}`, 'about:blank'])
  const [, host] = await child.printed(/DevTools listening on ws:\/\/([^/]+)/)
  return {
    async open(url) {
      const response = await fetch(`http://${host}/json/new?${encodeURIComponent(url)}`, { method: 'PUT' })
      if (!response.ok) throw new Error(`no new tab: ${response.status} ${await response.text()}`)
    },
    async stop() {
      child.signal('SIGTERM')
      await child.exited
      await removeDir(profile)
    },
  }
}
