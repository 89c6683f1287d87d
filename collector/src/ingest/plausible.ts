import type { ViewRecord } from 'dwelltime/protocol'
import { clockCorrectionMs } from '../sessions/clock-correction.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** The SDK keeps what it could not send for 3 days; beyond a week it is a broken clock, or made up. */
const MAX_AGE_MS = 7 * DAY_MS

/** Time zones are no reason for instants in the future; a clock set to the wrong day is. */
const MAX_AHEAD_MS = DAY_MS

/** How far a clock that was set while the page was open may be from where it began. */
const MAX_CLOCK_STEP_MS = DAY_MS

/** A record of a lower rate would stand for more sessions than there are people. */
const MIN_SAMPLING_RATE = 1e-6

/** A single wrong one of these would give a session a start or an end that no report survives. */
const INSTANTS = ['sessionStartedAt', 'startedAt', 'lastActivityAt'] as const

/** What cannot be true of a well-formed record, as `field: want …`. `skewMs` as in a received view. */
export function implausibility(record: ViewRecord, receivedAt: number, skewMs: number | null): string | undefined {
  const correctionMs = clockCorrectionMs(skewMs)
  // As sent and as corrected: a clock that is years off makes both nonsense, each in its own way.
  const isPlausible = (at: number) => receivedAt - MAX_AGE_MS <= at && at <= receivedAt + MAX_AHEAD_MS
  const field = INSTANTS.find((name) => !isPlausible(record[name]) || !isPlausible(record[name] + correctionMs))
  if (field) return `${field}: want an instant at most 7 days before receipt or 1 day after`

  const elapsedMs = receivedAt - record.startedAt - correctionMs
  if (record.totalMs > Math.max(0, elapsedMs) + MAX_CLOCK_STEP_MS) {
    return 'totalMs: want at most the time since startedAt, give or take a day'
  }
  if (record.samplingRate < MIN_SAMPLING_RATE) return `samplingRate: want at least ${MIN_SAMPLING_RATE}`
  return undefined
}
