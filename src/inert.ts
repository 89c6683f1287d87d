import type { Dwell } from './start.ts'

/** What `start()` answers where nothing is to be measured: on a server, or with `enabled: false`. */
export const createInertDwell = (): Dwell => ({
  stop() {},
  flush: () => Promise.resolve(),
  end() {},
  ping() {},
  identify() {},
  on: () => () => {},
  getState: () => ({
    state: 'hidden',
    stands: 'stopped',
    totalMs: 0,
    visibleMs: 0,
    engagedMs: 0,
    sampled: false,
    storage: 'memory',
  }),
})
