/** How long a tab was in front, in ms: surely at least, possibly at most. */
export interface ShownTime {
  leastMs: number
  mostMs: number
}

/** What happened somewhere in it: the call that made it happen began and ended here, on this process's clock. */
interface Moment {
  from: number
  to: number
}

export interface ShownClock {
  shown(at: Moment): void
  hidden(at: Moment): void
  read(): ShownTime
}

/** The same, with up to `ms` of it, while one document gave way to another, that no page was there to count. */
export const without = ({ leastMs, mostMs }: ShownTime, ms: number): ShownTime => ({ leastMs: leastMs - ms, mostMs })

/** Runs the act and says when it was. */
export async function timed<T>(act: () => Promise<T>): Promise<{ result: T; moment: Moment }> {
  const from = performance.now()
  const result = await act()
  return { result, moment: { from, to: performance.now() } }
}

/**
 * The truth that a scenario compares with, told by the acts and not by the page. An act takes its time,
 * on a busy machine a lot of it, so the truth is a range.
 */
export function createShownClock(): ShownClock {
  let leastMs = 0
  let mostMs = 0
  let since: Moment | undefined

  const until = (at: Moment): ShownTime => ({
    leastMs: leastMs + (since ? at.from - since.to : 0),
    mostMs: mostMs + (since ? at.to - since.from : 0),
  })
  return {
    shown(at) {
      since ??= at
    },
    hidden(at) {
      ;({ leastMs, mostMs } = until(at))
      since = undefined
    },
    read() {
      const now = performance.now()
      return until({ from: now, to: now })
    },
  }
}
