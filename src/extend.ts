import type { Scope } from './browser/scope.ts'
import type { Meter } from './core/meter.ts'
import type { Instant, Moment } from './core/time.ts'
import type { Options } from './options.ts'
import type { ViewRecord } from './protocol/record.ts'
import { createDwell, type Dwell, type DwellState, type StartMeter } from './start.ts'

/** What the page can know of its own measurement, with what extensions have added. */
export type ExtendedState = DwellState & Pick<ViewRecord, 'timers' | 'vitals' | 'scrollDepth'>

/** What has `extend()`: the tracker of npm's `start()`. */
export interface Extensible {
  /**
   * For `dwelltime/sections` and `dwelltime/vitals`: makes `extension` part of this tracker, once, and answers what it has
   * made. Nothing where nothing is measured.
   */
  extend: <Made>(extension: (host: never) => Made) => Made | undefined
}

export interface ExtensibleDwell extends Dwell, Extensible {
  getState: () => ExtendedState
}

/**
 * A meter around that of a view which began at `start`: it is told all that the view's is told, and what its `read()`
 * adds goes into the view's records. `after`: when the view before began; what a later navigation of the page has
 * brought is this view's.
 */
export type Around = (meter: Meter, start: Moment, after: Instant) => Meter

/** What an extension is made with. */
export interface Host {
  scope: Scope
  startMeter: StartMeter
  /** The meters of this view and of those to come. */
  around: (around: Around) => void
  /** Count up to now: what an extension has been asked for begins or ends here. */
  look: () => void
}

/** A tracker whose meters pass everything on to those that extensions put around them, whenever that is. */
export function createExtensibleDwell(options: Options, start?: Instant): ExtensibleDwell {
  const arounds: Around[] = []
  const made = new Map<unknown, unknown>()
  let host: Host | undefined
  let put: ((around: Around) => void) | undefined // around the meter of the latest view
  let latest: Instant = start === undefined ? performance.now() : -1 // the start of a view, or of all

  const dwell = createDwell(options, start, (startMeter, scope) => {
    host = {
      scope,
      startMeter,
      around(around) {
        arounds.push(around)
        put?.(around)
      },
      look: () => put && dwell.getState(),
    }
    return (start, state, gap) => {
      let meter = startMeter(start, state, gap)
      const after = latest
      put = (around) => {
        meter = around(meter, start, after)
      }
      arounds.forEach(put)
      return {
        ...passOn(() => meter),
        read() {
          // Clocks without a view are not read: a restored page has such first, for being shown.
          latest = start.at
          return meter.read()
        },
      }
    }
  })

  return {
    ...dwell,
    extend<Made>(extension: (host: never) => Made) {
      if (host!.scope.signal.aborted) return
      if (!made.has(extension)) made.set(extension, extension(host as never))
      return made.get(extension) as Made
    },
  }
}

/** Every call goes to the meter that `current` answers. */
const passOn = (current: () => Meter): Meter =>
  Object.fromEntries(
    Object.keys(current()).map((name) => [
      name,
      (...args: unknown[]) => (current()[name as keyof Meter] as (...args: unknown[]) => unknown)(...args),
    ]),
  ) as Meter
