import type { Scope } from '../../src/browser/scope.ts'

/** What an edge is given, with `stop()`, and the faults that its guard has caught. */
export function createScope() {
  const controller = new AbortController()
  const errors: unknown[] = []
  const scope: Scope = {
    signal: controller.signal,
    guard(run) {
      try {
        run()
      } catch (error) {
        errors.push(error)
      }
    },
  }
  return { scope, errors, stop: () => controller.abort() }
}

/** As if a person had done it: events of scripts are not trusted. */
export function trusted<E extends Event>(event: E, given: object = {}): E {
  const values = { isTrusted: true, ...given }
  for (const [name, value] of Object.entries(values)) Object.defineProperty(event, name, { value })
  return event
}

/** The page's state, for as long as a test lasts. */
export function setPage(visibility: DocumentVisibilityState, isFocused = visibility === 'visible'): void {
  Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true })
  Object.defineProperty(document, 'hidden', { value: visibility === 'hidden', configurable: true })
  document.hasFocus = () => isFocused
}
