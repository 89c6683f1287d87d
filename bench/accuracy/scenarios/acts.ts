import type { Gesture, Tab } from '../../../e2e/support/engine.ts'
import { poll, read } from '../../../e2e/support/poll.ts'

/** The same gesture again and again, with time to read after each. */
export async function keepUp(tab: Tab, gesture: Gesture, times: number, everyMs: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await tab.input(gesture)
    await read(everyMs)
  }
}

/** Until the tab shows the document of this path, with its diary begun. */
export async function arrive(tab: Tab, path: string): Promise<void> {
  const there = new Function(`return location.pathname === '${path}' && 'diary' in window`) as () => boolean
  // Asked in the middle of a navigation, a page may be gone before it has answered.
  await poll(() => Promise.resolve(tab.eval(there)).catch(() => false), `the page ${path}`)
}

/** Has the page follow a link by itself; its answer may not outlive the page. */
export async function leaveFor(tab: Tab, path: string): Promise<void> {
  await tab.eval(new Function(`setTimeout(() => { location.href = '${path}' })`) as () => void)
}

export const visible = (tab: Tab) =>
  poll(() => tab.eval(() => document.visibilityState === 'visible'), 'the page to be shown')

export const hidden = (tab: Tab) =>
  poll(() => tab.eval(() => document.visibilityState === 'hidden'), 'the page to be hidden')
