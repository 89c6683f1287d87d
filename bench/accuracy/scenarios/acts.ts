import { arrived, type Gesture, type Tab } from '../../../e2e/support/engine.ts'
import { poll, read } from '../../../e2e/support/poll.ts'

/** The same gesture again and again, with time to read after each. */
export async function keepUp(tab: Tab, gesture: Gesture, times: number, everyMs: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await tab.input(gesture)
    await read(everyMs)
  }
}

/** Has the page follow a link by itself, and waits for the other one; the answer could not outlive the page. */
export async function leaveFor(tab: Tab, path: string): Promise<void> {
  await tab.eval((href) => void setTimeout(() => (location.href = href)), path)
  await arrived(tab, path)
}

export const visible = (tab: Tab) =>
  poll(() => tab.eval(() => document.visibilityState === 'visible'), 'the page to be shown')

export const hidden = (tab: Tab) =>
  poll(() => tab.eval(() => document.visibilityState === 'hidden'), 'the page to be hidden')
