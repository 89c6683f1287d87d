import type { Tab } from '../../../e2e/support/engine.ts'

/** What the pages of Playwright and of Puppeteer have in common. */
interface Page {
  evaluate(run: (argument: unknown) => unknown, argument: unknown): Promise<unknown>
  mouse: { move(x: number, y: number, options: { steps: number }): Promise<void> }
  close(): Promise<void>
}

export type SetWindow = (tab: Tab, windowState: 'minimized' | 'normal') => Promise<void>

/** The only tab of a window that the engine's driver does not know of: it is hidden by minimising that. */
export function onlyTab<T extends Tab & { page: Page }>(page: T['page'], setWindow: SetWindow): T {
  let moves = 0
  const never = () => Promise.reject(new Error('not in a window of its own'))
  const tab: Tab & { page: Page } = {
    page,
    eval: <A, R>(run: (argument: A) => R | Promise<R>, argument?: A) =>
      page.evaluate(run as (argument: unknown) => unknown, argument) as Promise<R>,
    input: () => page.mouse.move(100 + (moves++ % 50) * 4, 100, { steps: 2 }),
    hide: () => setWindow(tab, 'minimized'),
    show: () => setWindow(tab, 'normal'),
    close: () => page.close(),
    goto: never,
    back: never,
    click: never,
    openBehind: never,
    shownTime: () => ({ leastMs: 0, mostMs: Number.POSITIVE_INFINITY }),
  }
  return tab as T
}
