const LOOK_EVERY = 50 // ms
const PATIENCE = 5000 // ms; a script tag that took longer is most likely blocked, or the collector is away

/** The tracker is loaded with `async`: hands it over once its script has run, and tells if that takes suspiciously long. */
export function onTracker(run, onLate) {
  const since = performance.now()
  let late = false

  function look() {
    const tracker = globalThis.dwelltime
    if (typeof tracker?.getState === 'function') return run(tracker)
    if (!late && performance.now() - since > PATIENCE) {
      late = true
      onLate?.()
    }
    setTimeout(look, LOOK_EVERY)
  }
  look()
}
