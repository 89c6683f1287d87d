import type { Dwell, DwellState } from '../../src/index.ts'
import type { Tab } from './engine.ts'

/** What the tracker of a page says of itself. */
export const stateOf = (tab: Tab): Promise<DwellState> => tab.eval(() => (window.dwelltime as Dwell).getState())

/** The same, once the store that all tabs share has answered: until then a page cannot know its session for sure. */
export const agreedState = async (tab: Tab): Promise<DwellState> => {
  // Reads the store, too, and so has to wait for what the page has asked it before.
  await tab.eval(() => (window.dwelltime as Dwell).flush())
  return stateOf(tab)
}

/**
 * How long after the answer the document of a page began: its predecessor has gone then. A few ms, but more than a second
 * in WebKitGTK on a busy machine, with the SDK or without.
 */
export const handoverOf = (tab: Tab): Promise<number> =>
  tab.eval(() => performance.timing.domLoading - performance.timing.responseStart)
