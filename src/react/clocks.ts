import type { Dwell, DwellState } from 'dwelltime'

/** What the tracker says of itself, and its handle: none before the first effect has run, and on a server. */
export interface DwellClocks extends DwellState {
  dwell?: Dwell
}

/** What a component can subscribe to: the snapshot that it reads is the same until the next change. */
export interface Clocks {
  subscribe(changed: () => void): () => void
  read(): DwellClocks
}

/** Of a page that is not measured, or not yet. */
const NOTHING: DwellClocks = {
  state: 'hidden',
  stands: 'stopped',
  totalMs: 0,
  visibleMs: 0,
  engagedMs: 0,
  sampled: false,
  storage: 'memory',
}

export const NO_CLOCKS: Clocks = { subscribe: () => () => {}, read: () => NOTHING }

/** How often a clock on the page moves. */
const TICK_MS = 1_000

export function createClocks(dwell: Dwell): Clocks {
  let snapshot: DwellClocks = { ...dwell.getState(), dwell }
  return {
    read: () => snapshot,
    subscribe(changed) {
      const tick = () => {
        snapshot = { ...dwell.getState(), dwell }
        changed()
      }
      const timer = setInterval(tick, TICK_MS)
      const events = ['state', 'view:start', 'view:end', 'session:start', 'session:end'] as const
      const stops = events.map((event) => dwell.on(event, tick))
      tick()
      return () => {
        clearInterval(timer)
        for (const stop of stops) stop()
      }
    },
  }
}
