import type { ExtensibleDwell } from './extend.ts'

/** What `start()` answers where nothing is to be measured: on a server, or with `enabled: false`. */
export const createInertDwell = (): ExtensibleDwell => ({
  stop() {},
  flush: () => Promise.resolve(),
  end() {},
  ping() {},
  identify() {},
  setConsent: () => Promise.resolve(),
  optOut: () => Promise.resolve(),
  on: () => () => {},
  extend: () => undefined,
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
