import type { Page } from 'puppeteer-core'
import type { Tab } from '../../../e2e/support/engine.ts'
import { type FirefoxTab, firefoxDriver } from '../../../e2e/support/firefox.ts'
import type { Driver } from './driver.ts'
import { onlyTab, type SetWindow } from './only-tab.ts'
import { coverWithPopup } from './popup.ts'

export async function driveFirefox(): Promise<Driver> {
  const engine = await firefoxDriver.launch()
  // Any page but the blank one, which the driver cannot tell from a new tab.
  const first = await engine.open('data:text/html,')
  const browser = pageOf(first).browser()
  await first.close()

  return {
    engine,
    cannot: {
      freeze: 'the engine has no such event',
      unattended: 'no prerendering, and its driver is always attached',
    },
    can: {
      typeInFrames: true,
      minimise: (tab) => setWindow(tab, 'minimized'),
      restore: (tab) => setWindow(tab, 'normal'),
      coverWithWindow: coverWithPopup,
      async openWindow(url) {
        const page = await browser.newPage({ type: 'window' })
        await page.goto(url)
        return onlyTab<FirefoxTab>(page, setWindow)
      },
      async touch(tab) {
        const { touchscreen } = pageOf(tab)
        await touchscreen.touchStart(200, 300)
        await touchscreen.touchMove(200, 280)
        await touchscreen.touchMove(200, 260)
        await touchscreen.touchEnd()
      },
      answerDialog: (tab, afterMs) =>
        new Promise((resolve) => {
          pageOf(tab).once('dialog', (dialog) => setTimeout(() => resolve(dialog.accept()), afterMs))
        }),
    },
  }
}

const pageOf = (tab: Tab): Page => (tab as FirefoxTab).page

const setWindow: SetWindow = async (tab, windowState) => {
  const page = pageOf(tab)
  await page.browser().setWindowBounds(await page.windowId(), { windowState })
}
