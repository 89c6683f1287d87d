import { checkOptions } from './check-options.ts'
import { createExtensibleDwell, type ExtensibleDwell as Dwell } from './extend.ts'
import { createInertDwell } from './inert.ts'
import type { Options } from './options.ts'
import { readStart } from './signals/page-lifecycle.ts'

export type { Standstill, TrackerEvents as DwellEvents } from './core/events.ts'
export type { Options, PageRule } from './options.ts'
export type { PageState, SessionEndReason, ViewEndReason } from './protocol/record.ts'
export type { DwellState } from './start.ts'
export type { Dwell }

let running: Dwell | undefined
/** The page's time before the first tracker is that one's; a later tracker begins when it is made. */
let isFirst = true

/**
 * Start measuring this page. Called again while running it answers the same tracker. Outside a browser, and with
 * `enabled: false`, it answers an inert one. A wrong option throws a `TypeError`; nothing after that ever throws.
 */
export function start(options: Options = {}): Dwell {
  checkOptions(options)
  if (options.enabled === false || typeof document === 'undefined') return createInertDwell()
  if (!running) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined)
    const since = isFirst ? readStart() : undefined
    const dwell = createExtensibleDwell({ client: 'NpmModule', ...Object.fromEntries(given) }, since)
    isFirst = false
    running = {
      ...dwell,
      stop() {
        dwell.stop()
        running = undefined
      },
    }
  }
  return running
}
