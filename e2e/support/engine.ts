import { poll } from './poll.ts'
import type { ShownTime } from './shown-time.ts'

export type EngineName = 'chromium' | 'firefox' | 'webkit'

/** How a browser of one engine is started. */
export interface Driver {
  launch(): Promise<Engine>
  /** Starts it on a profile that can be used again after `stop()` or `kill()`. Absent where each start is a new browser. */
  launchWith?(profile: string): Promise<Engine>
}

/** What a scenario needs of a browser; one driver per engine. What an engine cannot do is absent, and a test can ask. */
export interface Engine {
  name: EngineName
  /**
   * A page that is closed while it is in front may be hidden before it is told that it leaves, or after, by chance. It
   * has told its time then, but not that it has left; for the collector that is the same.
   */
  mayHideFirst: boolean
  /** What a page writes to IndexedDB as the last thing that it does is there for the next page. */
  keepsLastPut: boolean
  /** Opens a tab in front of all others, focused, and loads the page. */
  open(url: string): Promise<Tab>
  /** Every process of the browser. */
  pids(): number[]
  /** Stops all of it at once, as a machine that falls asleep does: nothing is told to a page. Only `resume` may follow. */
  suspend(): Promise<void>
  resume(): Promise<void>
  /** Quits; the profile is removed unless the caller brought it. */
  stop(): Promise<void>
  /** Ends the browser as a power cut would. */
  kill(): Promise<void>
}

export interface Tab {
  eval<T>(run: () => T | Promise<T>): Promise<T>
  eval<T, A>(run: (argument: A) => T | Promise<T>, argument: A): Promise<T>
  goto(url: string): Promise<void>
  /** One step back in its history, and until it is there. */
  back(): Promise<void>
  /** Something else is in front then: the page is really hidden, nothing is emulated. */
  hide(): Promise<void>
  show(): Promise<void>
  /** One trusted gesture, made by the browser as if by hand. */
  input(gesture?: Gesture): Promise<void>
  /** A trusted click on the first element that matches. Waits for nothing that comes of it: see `arrived`. */
  click(selector: string): Promise<void>
  /** Opens a link behind this tab, as a click with Ctrl does: that page is hidden from its first script on. */
  openBehind(selector: string): Promise<Tab>
  close(): Promise<void>
  /** How long it was in front, over all its pages, since it was opened. */
  shownTime(): ShownTime
}

export type Gesture = 'move' | 'click' | 'key' | 'wheel'

/** Waits until the tab shows the page at this path, and all that it names is there. */
export async function arrived(tab: Tab, path: string): Promise<void> {
  await poll(async () => (await placeOf(tab))?.startsWith(`${path} `), `the page ${path}`)
  await loaded(tab)
}

/** Waits until the tab is in another place than before the act: another address, or another document. */
export async function elsewhere(tab: Tab, act: () => Promise<unknown>): Promise<void> {
  const before = await placeOf(tab)
  await act()
  await poll(async () => {
    const now = await placeOf(tab)
    return now && now !== before
  }, `another page than ${before}`)
}

/** As the page's own `history.back()`: the browser's button may pass over what no gesture has led to. */
export async function stepBack(tab: Tab): Promise<void> {
  await elsewhere(tab, () => tab.eval(() => void setTimeout(() => history.back())))
}

/** Undefined while one document gives way to another: then there is nobody to ask. */
const placeOf = (tab: Tab): Promise<string | undefined> =>
  tab
    .eval(() => `${location.pathname} ${location.search}${location.hash} ${performance.timeOrigin}`)
    .catch(() => undefined)

/** A browser gives focus to a page a little after it has put it in front. */
export async function focused(tab: Tab): Promise<void> {
  await poll(() => tab.eval(() => document.hasFocus()), 'the page to have focus')
}

/** Waits until the page and all that it names is there. */
export async function loaded(tab: Tab): Promise<void> {
  await poll(() => tab.eval(() => document.readyState === 'complete').catch(() => false), 'the page to be loaded')
}
