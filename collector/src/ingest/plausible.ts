import type { ViewRecord } from 'dwelltime/protocol'

const DAY_MS = 24 * 60 * 60 * 1000

/** The SDK keeps what it could not send for 3 days; beyond a week it is a broken clock, or made up. */
const MAX_AGE_MS = 7 * DAY_MS

/** Time zones are no reason for instants in the future; a clock set to the wrong day is. */
const MAX_AHEAD_MS = DAY_MS

/** A single wrong one of these would give a session a start or an end that no report survives. */
const INSTANTS = ['sessionStartedAt', 'startedAt', 'lastActivityAt'] as const

/** What cannot be true of a well-formed record, as `field: want …`. */
export function implausibility(record: ViewRecord, receivedAt: number): string | undefined {
  const field = INSTANTS.find((name) => {
    const aheadMs = record[name] - receivedAt
    return aheadMs < -MAX_AGE_MS || aheadMs > MAX_AHEAD_MS
  })
  return field && `${field}: want an instant at most 7 days before receipt or 1 day after`
}
