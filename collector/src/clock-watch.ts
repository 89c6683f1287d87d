import type { Log } from './log.ts'

/** Less than this is what time servers do all day, in ms; it is also what is taken for skew of a device. */
const TOLD_FROM_MS = 60_000

export interface Clocks {
  /** Ms since the epoch. */
  wall: () => number
  /** Ms since whenever: nobody can set it. */
  monotonic: () => number
}

/** At each look, tells if the machine's clock was set: what is received is dated and judged by it. */
export function createClockWatch(log: Log, { wall, monotonic }: Clocks): () => void {
  let offset = wall() - monotonic()
  return () => {
    const byMs = Math.round(wall() - monotonic() - offset)
    offset += byMs
    if (byMs <= -TOLD_FROM_MS) log.warn({ byMs }, "this machine's clock was set back: what comes in may look too new")
    if (byMs >= TOLD_FROM_MS) log.warn({ byMs }, "this machine's clock was set forward, or the machine slept")
  }
}
