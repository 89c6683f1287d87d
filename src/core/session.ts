import type { SessionEndReason } from '../protocol/record.ts'
import type { Millis, WallTime } from './time.ts'

/** What all tabs of an origin share. */
export interface Session {
  id: string
  startedAt: WallTime
  lastActivityAt: WallTime
  /** A tab ended it on purpose; no activity brings it back. */
  ended?: boolean
}

/** `''`: it goes on. `ending`: it will be over unless something happens. */
export type Verdict = '' | 'ending' | SessionEndReason

export type SessionRule = ReturnType<typeof createSessionRule>

/**
 * `threshold`: `sessionExpirationThreshold`; `buffer`: `bufferTimeBeforeEnd`; `max`: `maxSessionDuration`, 0 for none.
 */
export function createSessionRule(threshold: Millis, buffer: Millis, max: Millis) {
  const inactiveAt = ({ lastActivityAt }: Session): WallTime => lastActivityAt + threshold + buffer

  /** When the session ends if nothing more happens. */
  const endsAt = (session: Session): WallTime => Math.min(inactiveAt(session), max ? session.startedAt + max : Infinity)

  /** What is to be said of the session at `now`, by instant alone: the same after a sleep as by timer. */
  function judge(session: Session, now: WallTime): Verdict {
    if (session.ended) return 'explicit'
    if (now >= endsAt(session)) return endsAt(session) < inactiveAt(session) ? 'max' : 'inactivity'
    return now < session.lastActivityAt + threshold ? '' : 'ending'
  }

  return {
    judge,
    endsAt,
    threshold,
    timeoutMs: threshold + buffer,
    maxMs: max,

    /**
     * The one rule by which tabs agree, run inside an atomic update: a `shared` session that goes on is adopted, else
     * `mine` stands. Of the same session the later activity counts; an instant in the future is taken for now.
     */
    agree(shared: Session | undefined, mine: Session, now: WallTime): Session {
      // Anything may be in a store that others can write to.
      if (!shared?.id || !(shared.startedAt > 0)) return mine
      const lastActivityAt = Math.min(shared.lastActivityAt, now) || 0
      if (shared.id === mine.id)
        return { ...shared, ...mine, lastActivityAt: Math.max(lastActivityAt, mine.lastActivityAt) }
      const other = { ...shared, lastActivityAt }
      const verdict = judge(other, now)
      return verdict && verdict !== 'ending' ? mine : other
    },
  }
}
