/** What every browser edge is given. */
export interface Scope {
  /** Aborted by `stop()`. */
  signal: AbortSignal
  /** Run it; a fault of ours goes to `onError` and never reaches the page. */
  guard: (run: () => unknown) => void
}

/** Listen until `stop()`, in the capture phase, so that a page that stops propagation hides nothing from us. */
export function listen<E extends Event = Event>(
  target: EventTarget,
  types: string,
  run: (event: E) => unknown,
  { signal, guard }: Scope,
): void {
  for (const type of types.split(' '))
    target.addEventListener(type, (event) => guard(() => run(event as E)), { capture: true, passive: true, signal })
}
