/**
 * Runs the same work for all who ask while it runs: one more run after the one that goes on, however many wait. What was
 * there when somebody asked is always in the run that they are answered by.
 */
export function coalesce(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  function start(): Promise<void> {
    running = run().finally(() => {
      running = undefined
    })
    return running
  }

  return () => {
    if (!running) return start()
    next ??= running
      .catch(() => {}) // its own callers are told
      .then(() => {
        next = undefined
        return start()
      })
    return next
  }
}
