/** Runs something again and again while the page is visible, never twice at a time; nothing ticks while it is hidden. */
export function whileVisible(run, everyMs) {
  let timer
  let running = false

  async function turn() {
    clearTimeout(timer)
    if (running || document.visibilityState === 'hidden') return
    running = true
    try {
      await run()
    } finally {
      running = false
      timer = setTimeout(turn, everyMs)
    }
  }

  document.addEventListener('visibilitychange', turn)
  addEventListener('pageshow', turn) // back from bfcache
  turn()
}
