import type { Tab } from '../../../e2e/support/engine.ts'

/** What only some engines can be made to do. */
export interface Abilities {
  /** The window of the tab, to the task bar and back. */
  minimise(tab: Tab): Promise<void>
  restore(tab: Tab): Promise<void>
  /** A tab that nobody sees yet. */
  openBehind(url: string): Promise<Tab>
  /** Another window, in front. Closing its tab closes it. */
  openWindow(url: string): Promise<Tab>
  /** Of a hidden tab. */
  freeze(tab: Tab): Promise<void>
  thaw(tab: Tab): Promise<void>
  /** One finger, down, a little along, and up. */
  touch(tab: Tab): Promise<void>
  /** The page's next dialog stays open for so long. */
  answerDialog(tab: Tab, afterMs: number): void
  /** The browser's first process; the others are below it. */
  rootPid(): Promise<number>
  /** A browser that no debugger looks into: an attached one forbids prerendering, and swallows events of an opener. */
  unattended(): Promise<Unattended>
  /** Two pages at the same instant. */
  openTogether(urls: string[]): Promise<Tab[]>
}

export interface Unattended {
  /** A tab in front; what happens in it, its page does by itself. */
  open(url: string): Promise<void>
  stop(): Promise<void>
}

export type Ability = keyof Abilities

export interface Driver {
  name: string
  version: string
  /** A tab in front of all others. */
  open(url: string): Promise<Tab>
  /** Those that it has. */
  can: Partial<Abilities>
  /** Why it has not the others, and what else a scenario may need. */
  cannot: Record<string, string>
  stop(): Promise<void>
}
