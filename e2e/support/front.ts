import { type ShownClock, timed } from './shown-time.ts'

/** Knows which tab is in front, and keeps the clocks of all. */
export interface Front {
  /** The act puts the tab of this clock in front, and so hides the one that was; without a clock, something else. */
  bring<T>(act: () => Promise<T>, clock?: ShownClock): Promise<T>
  /** The act closes the tab of this clock, and the browser chooses another one. */
  close(act: () => Promise<unknown>, clock: ShownClock): Promise<void>
}

export function createFront(): Front {
  let inFront: ShownClock | undefined
  return {
    async bring(act, clock) {
      const { result, moment } = await timed(act)
      if (clock !== inFront) inFront?.hidden(moment)
      clock?.shown(moment)
      inFront = clock
      return result
    },
    async close(act, clock) {
      const { moment } = await timed(act)
      if (clock !== inFront) return // its time has been settled when it was hidden
      clock.hidden(moment)
      inFront = undefined
    },
  }
}
