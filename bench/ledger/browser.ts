import type { Engine, EngineName, Tab } from '../../e2e/support/engine.ts'
import { startChromium } from './browsers/chromium.ts'
import { startFirefox } from './browsers/firefox.ts'
import { startWebkit } from './browsers/webkit.ts'

/** A running browser, with the ways to end it or a page of it that not every engine has. */
export interface Browser extends Pick<Engine, 'open' | 'stop'> {
  /** Ends all of it at once, as a power cut would. Returns as soon as nothing of it runs. */
  kill(): void
  /** Asks it to end by its own protocol, and waits until it has. */
  quit(): Promise<void>
  /** The process that shows this tab's page. */
  crash(tab: Tab): Promise<void>
  /** After `kill` or `quit`: until nothing is left. */
  ended(): Promise<void>
  /** Of a hidden tab. */
  freeze?(tab: Tab): Promise<void>
  setOffline?(tabs: Tab[], isOffline: boolean): Promise<void>
  /** Of a hidden tab, as when memory is short. */
  discard?(tab: Tab): Promise<void>
  /** In a tab in front: a page that has another one prerendered and goes there by itself. */
  openPrerendered?(host: string, url: string): Promise<Tab>
}

export const START: Record<EngineName, (profile: string) => Promise<Browser>> = {
  chromium: startChromium,
  firefox: startFirefox,
  webkit: startWebkit,
}
