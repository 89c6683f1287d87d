import type { Page } from 'puppeteer-core'
import type { Tab } from '../../../e2e/support/engine.ts'
import { type FirefoxTab, firefoxDriver } from '../../../e2e/support/firefox.ts'
import type { Driver } from './driver.ts'
import { coverWithPopup } from './popup.ts'

const pageOf = (tab: Tab): Page => (tab as FirefoxTab).page

const setWindow = async (tab: Tab, windowState: 'minimized' | 'normal') => {
  const page = pageOf(tab)
  await page.browser().setWindowBounds(await page.windowId(), { windowState })
}

export const driveFirefox = async (): Promise<Driver> => ({
  engine: await firefoxDriver.launch(),
  cannot: {
    openWindow: 'of two windows without a screen the driver can put neither beside the other',
    freeze: 'no freeze: the engine has no such event',
    touch: 'the driver has a mouse and keys only',
    unattended: 'no prerendering; and its driver is always attached',
  },
  can: {
    typeInFrames: true,
    minimise: (tab) => setWindow(tab, 'minimized'),
    restore: (tab) => setWindow(tab, 'normal'),
    coverWithWindow: coverWithPopup,
    answerDialog: (tab, afterMs) =>
      new Promise((resolve) => {
        pageOf(tab).once('dialog', (dialog) => setTimeout(() => resolve(dialog.accept()), afterMs))
      }),
  },
})
