import { listen, type Scope } from '../browser/scope.ts'
import { type Instant, max } from '../core/time.ts'
import type { PageEvents } from '../core/tracker.ts'
import type { PageState } from '../protocol/record.ts'
import { isMediaPlaying } from './presence.ts'

/** Tell the tracker of an event; `at`: when it happened, if that was before now. */
export type Emit = <Name extends keyof PageEvents>(name: Name, detail: PageEvents[Name], at?: Instant) => void

/**
 * The page's state as it is now; where media plays or shows in a picture of its own, the page is attended without the
 * focus. Events are only a reason to look: browsers skip and reorder them.
 */
export const readState = (): PageState => {
  if (document.hidden) return 'hidden'
  return document.hasFocus() || document.pictureInPictureElement || isMediaPlaying() ? 'active' : 'passive'
}

/**
 * When the page was first on screen: its activation if it was prerendered, else the commit. Until `domLoading` the page
 * before was there and counting; only the old `performance.timing` tells that.
 */
export const readStart = (): Instant => {
  const { domLoading, navigationStart } = performance.timing
  const navigation = performance.getEntriesByType('navigation')[0] as { activationStart?: Instant } | undefined
  return max(domLoading - navigationStart, navigation?.activationStart || 0)
}

/**
 * What the page was from `since` until now: where the browser remembers (Chromium), and visible was attended; elsewhere
 * it was what it is.
 */
export function readPast(since: Instant): [at: Instant, state: PageState][] {
  let past: [Instant, PageState][] = [[since, readState()]]
  for (const { startTime, name } of performance.getEntriesByType('visibility-state')) {
    if (startTime <= since) past = []
    past.push([max(startTime, since), name === 'visible' ? 'active' : 'hidden'])
  }
  return past
}

/**
 * Tells when to look at the page's state, that it leaves, and (`restored`) that it came back from the back/forward
 * cache. Never `unload` or `beforeunload`: they make the page ineligible for that cache.
 */
export function watchPageLifecycle(emit: Emit, look: () => void, restored: () => void, scope: Scope): void {
  listen(window, 'visibilitychange focus blur play pause', look, scope)
  listen<PageTransitionEvent>(
    window,
    'pagehide',
    (event) => emit('leave', event.persisted ? 'bfcache' : 'leave'),
    scope,
  )
  listen<PageTransitionEvent>(window, 'pageshow', (event) => event.persisted && restored(), scope)
}
