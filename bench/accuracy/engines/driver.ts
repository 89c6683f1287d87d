import type { Engine, Tab } from '../../../e2e/support/engine.ts'

/** What only some engines can be made to do. */
export interface Abilities {
  /** The window of the tab, to the task bar and back. */
  minimise(tab: Tab): Promise<void>
  restore(tab: Tab): Promise<void>
  /** A page in a window of its own in front of the tab's; answers what closes it. */
  coverWithWindow(tab: Tab, url: string): Promise<() => Promise<unknown>>
  /** A page in another window, beside those that are there. */
  openWindow(url: string): Promise<Tab>
  /** Of a hidden tab. */
  freeze(tab: Tab): Promise<void>
  thaw(tab: Tab): Promise<void>
  /** One finger, down, a little along, and up. */
  touch(tab: Tab): Promise<void>
  /** The page's next dialog stays open for so long. Resolves when it is closed. */
  answerDialog(tab: Tab, afterMs: number): Promise<void>
  /** Keys go where the focus is, into a document inside the document too. */
  typeInFrames: true
  /** A browser that no debugger looks into: an attached one forbids prerendering, and swallows events of an opener. */
  unattended(): Promise<Unattended>
}

export interface Unattended {
  /** A tab in front; what happens in it, its page does by itself. */
  open(url: string): Promise<void>
  stop(): Promise<void>
}

export type Ability = keyof Abilities

/** A running browser. */
export interface Driver {
  engine: Engine
  /** Those abilities that it has. */
  can: Partial<Abilities>
  /** Why it has not the others. */
  cannot: Partial<Record<Ability, string>>
}
