import { listen, type Scope } from '../browser/scope.ts'

/**
 * Calls `changed` when the route may have changed: told by the Navigation API (Chrome 102, Safari 26.2, Firefox 147);
 * without it `pushState()` and `replaceState()` tell nobody and are wrapped until `stop()`.
 */
export function watchNavigation(changed: () => void, scope: Scope): void {
  const { navigation } = window as { navigation?: EventTarget }
  listen(navigation ?? window, 'currententrychange popstate', changed, scope)
  if (navigation) return
  for (const name of 'pushState replaceState'.split(' ') as ('pushState' | 'replaceState')[]) {
    const original = history[name]
    const wrapper = function (this: History, ...args: Parameters<typeof original>) {
      original.apply(this, args)
      if (!scope.signal.aborted) scope.guard(changed)
    }
    history[name] = wrapper
    // Another script may have wrapped ours: then it stays, and only passes on.
    scope.signal.addEventListener('abort', () => {
      if (history[name] === wrapper) history[name] = original
    })
  }
}
