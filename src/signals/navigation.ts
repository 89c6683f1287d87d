import { listen, type Scope } from '../browser/scope.ts'

/**
 * Calls `changed` when the route may have changed: at once where the browser has the Navigation API (Chrome 102,
 * Safari 26.2, Firefox 147). In older ones `pushState()` tells nobody, and the next look finds it.
 */
export function watchNavigation(changed: () => void, scope: Scope): void {
  const { navigation } = window as { navigation?: EventTarget }
  listen(navigation ?? window, 'currententrychange popstate', changed, scope)
}
