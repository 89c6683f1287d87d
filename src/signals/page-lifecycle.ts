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
 * When the page was first on screen: the commit. Until `domLoading` the previous page was there and counting; only the
 * old `performance.timing` tells that.
 */
export const readStart = (): Instant => performance.timing.domLoading - performance.timing.navigationStart

/**
 * Tells when to look at the page's state, that it leaves, and (`restored`) that it came back from the back/forward
 * cache. Never `unload` or `beforeunload`: they make the page ineligible for that cache.
 */
export function watchPageLifecycle(emit: Emit, restored: () => void, scope: Scope): void {
  listen(window, 'visibilitychange focus blur', () => emit('look', undefined), scope)
  listen<PageTransitionEvent>(
    window,
    'pagehide pageshow',
    ({ type, persisted }) => {
      if (type === 'pagehide') emit('leave', persisted ? 'bfcache' : 'leave')
      else if (persisted) restored()
    },
    scope,
  )
}
