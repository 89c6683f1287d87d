import type { CDPSession, Page } from '@playwright/test'
import { type ChromiumTab, launchChromium } from '../../../e2e/support/chromium.ts'
import type { Tab } from '../../../e2e/support/engine.ts'
import { makeTempDir, removeDir, run } from '../../../e2e/support/process.ts'
import type { Driver, Unattended } from './driver.ts'
import { onlyTab, type SetWindow } from './only-tab.ts'

export async function driveChromium(): Promise<Driver> {
  const engine = await launchChromium()
  const first = await engine.open('about:blank')
  const context = first.page.context()
  const cdp = await context.browser()!.newBrowserCDPSession()
  await first.close()

  const createWindow = async (url: string): Promise<Page> => {
    const opened = context.waitForEvent('page')
    await cdp.send('Target.createTarget', { url, newWindow: true })
    const page = await opened
    await page.waitForLoadState()
    return page
  }

  return {
    engine,
    cannot: {},
    can: {
      typeInFrames: true,
      minimise: (tab) => setWindow(tab, 'minimized'),
      restore: (tab) => setWindow(tab, 'normal'),
      async coverWithWindow(_, url) {
        const page = await createWindow(url)
        return () => page.close()
      },
      async openWindow(url) {
        const page = await createWindow(url)
        return onlyTab<ChromiumTab>(page, setWindow)
      },
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
      answerDialog: (tab, afterMs) =>
        new Promise((resolve) => {
          pageOf(tab).once('dialog', (dialog) => setTimeout(() => resolve(dialog.accept()), afterMs))
        }),
      unattended,
    },
  }
}

const pageOf = (tab: Tab): Page => (tab as ChromiumTab).page

async function withSession<T>(tab: Tab, act: (session: CDPSession) => Promise<T>): Promise<void> {
  const session = await pageOf(tab).context().newCDPSession(pageOf(tab))
  await act(session)
  await session.detach()
}

const setWindow: SetWindow = (tab, windowState) =>
  withSession(tab, async (session) => {
    const { windowId } = await session.send('Browser.getWindowForTarget')
    await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
  })

/** Only ever asked by plain HTTP, which opens tabs and attaches to none. */
async function unattended(): Promise<Unattended> {
  const profile = await makeTempDir('unattended')
  const child = run(process.env.CHROMIUM_BIN!, [
    '--headless=new',
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--remote-debugging-port=0',
    '--disable-popup-blocking', // nobody is there to click
    `--user-data-dir=${profile}`,
    'about:blank',
  ])
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
