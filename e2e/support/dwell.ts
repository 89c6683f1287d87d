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
