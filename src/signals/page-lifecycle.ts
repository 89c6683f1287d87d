import { listen, type Scope } from '../browser/scope.ts'
import type { Instant } from '../core/time.ts'
import type { PageEvents } from '../core/tracker.ts'
import type { PageState } from '../protocol/record.ts'

/** Tell the tracker of an event; `at`: when it happened, if that was before now. */
export type Emit = <Name extends keyof PageEvents>(name: Name, detail: PageEvents[Name], at?: Instant) => void

/** The page's state as it is now. Events are only a reason to look: browsers skip and reorder them. */
export const readState = (): PageState =>
  document.visibilityState === 'hidden' ? 'hidden' : document.hasFocus() ? 'active' : 'passive'

/**
 * When the page was first on screen: its activation if it was prerendered, else the commit. Until `domLoading` the
 * previous page was on screen and counting; only the old `performance.timing` tells that.
 */
export function readStart(): Instant {
  const { timing } = performance
  const [navigation] = performance.getEntriesByType('navigation') as { activationStart?: number }[]
  return navigation?.activationStart || timing.domLoading - timing.navigationStart
}

/**
 * Tells the page's states, its leaving, and (`restored`) its return from the back/forward cache.
 * Never `unload` or `beforeunload`: they make the page ineligible for that cache.
 */
export function watchPageLifecycle(emit: Emit, restored: () => void, scope: Scope): void {
  const report = () => emit('state', readState())
  listen(document, 'visibilitychange resume', report, scope)
  listen(document, 'freeze', () => emit('state', 'frozen'), scope)
  listen(window, 'focus blur', report, scope)
  listen<PageTransitionEvent>(
    window,
    'pagehide pageshow',
    ({ type, persisted }) => {
      if (type === 'pagehide') emit('leave', persisted ? 'bfcache' : 'leave')
      else if (persisted) {
        report()
        restored()
      }
    },
    scope,
  )
}
