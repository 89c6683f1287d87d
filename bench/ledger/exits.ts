import { arrived, elsewhere, type Tab } from '../../e2e/support/engine.ts'
import { poll, read } from '../../e2e/support/poll.ts'
import type { Browser } from './browser.ts'
import type { EngineFacts } from './deliverable.ts'
import { LATE, LEAVING, type Ledger } from './ledger.ts'
import type { Cell, Exit } from './plan.ts'

/** How long the page that leaves is shown, in ms; some exits show it a second time. */
export const SHOWN_MS = 2_000
/** The same for each page in a tab behind it. */
export const BEHIND_MS = 1_500
/** A page that comes after, on the way to something else. */
const BRIEFLY_MS = 800
/** What a main thread is at when its tab is closed, and for how long it would be. */
const BLOCKED_BEFORE_MS = 150
const BLOCKED_MS = 3_000

/** What an exit acts on. */
export interface Stage {
  cell: Cell
  facts: EngineFacts
  browser: Browser
  ledger: Ledger
  /** The tab in front, whose page is to leave. */
  tab: Tab
  /** Of a page without the SDK: on this origin, and on another site. */
  plain: string
  plainElsewhere: string
  goOnline(): Promise<void>
  /** The page of this tab is there no longer. */
  left(tab: Tab): void
  /** The browser is there no longer. */
  ended(): void
}

/** What comes in front when a tab is closed is not to be one of ours: it would be shown once more. */
const closed = async ({ left, tab }: Stage) => {
  await tab.hide().catch(() => {}) // where tabs are windows nothing comes in front
  left(tab)
}

const follow = (stage: Stage, href: string) =>
  elsewhere(stage.tab, () =>
    stage.tab.eval((to) => {
      const link = document.querySelector<HTMLAnchorElement>('#next')!
      link.href = to
      setTimeout(() => link.click())
    }, href),
  )

const leaveFor = async (stage: Stage, href: string) => {
  await stage.ledger.ending(stage.tab, () => follow(stage, href))
  stage.left(stage.tab)
}

const hideFor = async ({ ledger, tab }: Stage, ms: number) => {
  await tab.hide()
  await poll(() => tab.eval(() => document.visibilityState === 'hidden'), 'the page to be hidden')
  await ledger.read(tab) // offline it could not send its diary itself
  await read(ms)
}

const kill = async ({ browser, ended, ledger, tab }: Stage) => {
  await ledger.ending(tab, async () => browser.kill())
  ended()
}

/** How a view comes to its end. Begins when the page that leaves has been shown for `SHOWN_MS`. */
export const EXIT: Record<Exit, (stage: Stage) => Promise<void>> = {
  async route({ tab }) {
    await tab.eval((late) => {
      const at = performance.now()
      history.pushState(null, '', '/after')
      window.diary.note('route', { at })
      window.diary.note(late)
    }, LATE)
    await read(BRIEFLY_MS)
  },

  link: (stage) => leaveFor(stage, stage.plain),

  'cross-site link': (stage) => leaveFor(stage, stage.plainElsewhere),

  async reload({ ledger, tab }) {
    await ledger.ending(tab, () => elsewhere(tab, () => tab.eval(() => void setTimeout(() => location.reload()))))
    await read(BRIEFLY_MS)
  },

  async 'tab close'(stage) {
    await stage.ledger.ending(stage.tab, () => stage.tab.close())
    await closed(stage)
  },

  async 'blocked tab close'(stage) {
    const { cell, facts, ledger, tab } = stage
    const block = async () => {
      await tab.eval((ms) => {
        const busy = () => {
          const end = performance.now() + ms
          while (performance.now() < end);
        }
        setTimeout(busy)
      }, BLOCKED_MS)
      await read(BLOCKED_BEFORE_MS)
    }
    const close = async () => {
      await tab.close()
      // Where the page is waited for, it is shown until it has heard.
      if (!facts.untold.includes(cell.exit)) await read(BLOCKED_MS)
    }
    await ledger.ending(tab, close, block)
    await closed(stage)
  },

  async 'hidden tab close'(stage) {
    await hideFor(stage, 500)
    await stage.tab.close()
    await closed(stage)
  },

  async 'hide, show, SIGKILL'(stage) {
    await hideFor(stage, 700)
    await stage.tab.show()
    await read(4_000)
    await kill(stage)
  },

  async 'browser quit'({ browser, ended, ledger, tab }) {
    await ledger.ending(tab, browser.quit)
    ended()
  },

  async 'renderer crash'(stage) {
    await stage.ledger.ending(stage.tab, () => stage.browser.crash(stage.tab))
    await stage.tab.close()
    await closed(stage)
  },

  'browser SIGKILL': kill,

  async bfcache(stage) {
    const { cell, goOnline, ledger, plain, tab } = stage
    await ledger.ending(tab, () => follow(stage, plain))
    await read(BRIEFLY_MS)
    // What it comes back to is in memory; what it leaves offline is not a page.
    if (cell.network === 'offline') await goOnline()
    await tab.back()
    await arrived(tab, LEAVING)
    await read(BRIEFLY_MS)
  },

  async 'freeze, close'(stage) {
    await hideFor(stage, 300)
    await stage.browser.freeze!(stage.tab)
    await read(700)
    await stage.tab.close()
    await closed(stage)
  },

  async discard(stage) {
    await hideFor(stage, 300)
    await stage.browser.discard!(stage.tab)
    stage.left(stage.tab)
  },

  // What is special about it is how it begins.
  async prerender(stage) {
    await stage.ledger.ending(stage.tab, () => stage.tab.close())
    await closed(stage)
  },
}
