import { pino } from 'pino'

/** What everything here writes about itself to: an event, its facts. Never a body, a title, a path or an address. */
export interface Log {
  info(facts: object, event: string): void
  warn(facts: object, event: string): void
  error(facts: object, event: string): void
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** One JSON object a line on the standard error output; the standard output is for people. */
export const createLog = (level: LogLevel): Log =>
  pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    pino.destination({ dest: 2, sync: true }),
  )

/** The least time between two lines about the same trouble. */
const QUIET_MS = 10_000

/** Tells of the first error at once and of those that follow by their number: trouble must not fill the disk. */
export function createErrorLog(log: Log, event: string, now: () => number): (error: unknown) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  let untold = 0
  return (error) => {
    const quietMs = now() - toldAt
    // Below 0 the clock was set back: silence till it is there again would be too long.
    if (quietMs >= 0 && quietMs < QUIET_MS) {
      untold += 1
      return
    }
    log.error({ err: error, ...(untold > 0 && { alsoSinceLast: untold }) }, event)
    toldAt = now()
    untold = 0
  }
}
