import type { ShownTime } from './shown-time.ts'

/** What a scenario needs of a browser; one driver per engine. */
export interface Engine {
  /** Opens a tab in front of all others and loads the page. */
  open(url: string): Promise<Tab>
  /** Quits; the profile is removed unless the caller brought it. */
  stop(): Promise<void>
  /** Ends the browser as a power cut would. */
  kill(): Promise<void>
}

export interface Tab {
  eval<T>(run: () => T | Promise<T>): Promise<T>
  goto(url: string): Promise<void>
  back(): Promise<void>
  /** Puts another tab in front: the page is really hidden, nothing is emulated. */
  hide(): Promise<void>
  show(): Promise<void>
  /** One trusted gesture, made by the browser as if by hand. */
  input(gesture?: Gesture): Promise<void>
  close(): Promise<void>
  /** How long it was in front, over all its pages, since it was opened. */
  shownTime(): ShownTime
}

export type Gesture = 'move' | 'click' | 'key' | 'wheel'
