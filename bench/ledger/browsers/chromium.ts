import type { CDPSession, Page } from '@playwright/test'
import { type ChromiumTab, launchChromium } from '../../../e2e/support/chromium.ts'
import type { Tab } from '../../../e2e/support/engine.ts'
import { cutPower } from '../../../e2e/support/process-tree.ts'
import type { Browser } from '../browser.ts'
import { gone } from './gone.ts'

export async function startChromium(profile: string): Promise<Browser> {
  const engine = await launchChromium({ profile })
  const [root] = engine.pids() as [number]
  // Only to have a hold on the browser itself.
  const first = await engine.open('about:blank')
  const context = first.page.context()
  const session = await context.browser()!.newBrowserCDPSession()
  await first.close()

  return {
    open: engine.open,
    stop: engine.stop,
    kill: () => cutPower(root),
    async quit() {
      await session.send('Browser.close').catch(() => {}) // it may be gone before it has answered
      await gone(root)
    },
    async crash(tab) {
      const page = pageOf(tab)
      const crashed = new Promise((resolve) => page.once('crash', resolve))
      const its = await context.newCDPSession(page)
      its.send('Page.crash').catch(() => {}) // nobody is left to answer
      await crashed
    },
    ended: engine.kill,
    freeze: (tab) => withSession(tab, (its) => its.send('Page.setWebLifecycleState', { state: 'frozen' })),
    setOffline: (_, isOffline) => context.setOffline(isOffline),
  }
}

const pageOf = (tab: Tab): Page => (tab as ChromiumTab).page

async function withSession<T>(tab: Tab, act: (session: CDPSession) => Promise<T>): Promise<void> {
  const session = await pageOf(tab).context().newCDPSession(pageOf(tab))
  await act(session)
  await session.detach()
}
