import { readFileSync } from 'node:fs'
import type { Page } from 'puppeteer-core'
import type { Tab } from '../../../e2e/support/engine.ts'
import { type FirefoxTab, firefoxDriver } from '../../../e2e/support/firefox.ts'
import { cutPower, signal } from '../../../e2e/support/process-tree.ts'
import type { Browser } from '../browser.ts'
import { gone } from './gone.ts'

export async function startFirefox(profile: string): Promise<Browser> {
  const engine = await firefoxDriver.launchWith!(profile)
  const [root] = engine.pids() as [number]
  // Any page but the blank one, which the driver cannot tell from a new tab.
  const first = await engine.open('data:text/html,')
  const browser = pageOf(first).browser()
  await first.close()

  return {
    open: engine.open,
    stop: engine.stop,
    kill: () => cutPower(root),
    async quit() {
      await browser.close()
      await gone(root)
    },
    // Which of its processes shows a page it does not say: all that show pages.
    async crash() {
      signal(engine.pids().filter(showsPages), 'SIGKILL')
    },
    ended: engine.kill,
    async setOffline(tabs, isOffline) {
      for (const tab of tabs) await pageOf(tab).setOfflineMode(isOffline)
    },
  }
}

const pageOf = (tab: Tab): Page => (tab as FirefoxTab).page

function showsPages(pid: number): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return command.includes(' -isForBrowser ') && command.endsWith(' tab')
  } catch {
    return false // it ended a moment ago
  }
}
