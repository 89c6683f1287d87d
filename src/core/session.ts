import type { SessionEndReason, Utm } from '../protocol/record.ts'
import { type Millis, max, min, type WallTime } from './time.ts'

/** What all tabs of an origin share. */
export interface Session {
  id: string
  startedAt: WallTime
  lastActivityAt: WallTime
  /** A tab has ended it; no activity brings it back. */
  ended?: SessionEndReason
  /** Where its visitor came from. */
  referrerHost?: string
  utm?: Utm
}

/** `''`: it goes on. `ending`: it will be over unless something happens. */
export type Verdict = '' | 'ending' | SessionEndReason

export type SessionRule = ReturnType<typeof createSessionRule>

/** `threshold`: `sessionExpirationThreshold`; `buffer`: `bufferTimeBeforeEnd`; `longest`: `maxSessionDuration`, 0 for none. */
export function createSessionRule(threshold: Millis, buffer: Millis, longest: Millis) {
  const maxedAt = ({ startedAt }: Session): WallTime => startedAt + (longest || Infinity)

  /** When the session ends if nothing more happens. */
  const endsAt = (session: Session): WallTime => min(session.lastActivityAt + threshold + buffer, maxedAt(session))

  /** What is to be said of the session at `now`, by instant alone: the same after a sleep as by timer. */
  function judge(session: Session, now: WallTime): Verdict {
    const end = endsAt(session)
    if (session.ended) return session.ended
    if (now >= end) return end < maxedAt(session) ? 'inactivity' : 'max'
    return now < session.lastActivityAt + threshold ? '' : 'ending'
  }

  return {
    judge,
    endsAt,
    threshold,
    timeoutMs: threshold + buffer,

    /**
     * The one rule by which tabs agree, run inside an atomic update: a `shared` session that goes on is adopted, else
     * `mine` stands, unless it is older: then it ended when that one began. Of the same session the later activity
     * counts; an instant in the future is taken for now.
     */
    agree(shared: Session | undefined, mine: Session, now: WallTime): Session {
      // Anything may be in a store that others can write to.
      if (!(shared && shared.startedAt + shared.lastActivityAt > 0)) return mine
      const known = { ...shared, lastActivityAt: min(shared.lastActivityAt, now) }
      if (shared.id === mine.id)
        return { ...known, ...mine, lastActivityAt: max(known.lastActivityAt, mine.lastActivityAt) }
      const isOlder = mine.startedAt < known.startedAt && known.startedAt <= now
      return !isOlder && (known.ended || now >= endsAt(known)) ? mine : known
    },
  }
}
