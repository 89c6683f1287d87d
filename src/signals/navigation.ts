import { listen, type Scope } from '../browser/scope.ts'

/**
 * Calls `changed` after each route change: by the Navigation API where the browser has it, else by `history`,
 * wrapped once and put back on `stop()` unless someone has wrapped it since.
 */
export function watchNavigation(changed: () => void, scope: Scope): void {
  const { navigation } = window as { navigation?: EventTarget }
  if (navigation) return listen(navigation, 'currententrychange', changed, scope)

  listen(window, 'popstate hashchange', changed, scope)
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name]
    const wrapped: typeof original = (...args) => {
      original.apply(history, args)
      if (!scope.signal.aborted) scope.guard(changed)
    }
    history[name] = wrapped
    scope.signal.addEventListener('abort', () => {
      if (history[name] === wrapped) history[name] = original
    })
  }
}
