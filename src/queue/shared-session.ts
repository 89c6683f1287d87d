import type { Session, SessionRule } from '../core/session.ts'
import { type Millis, seconds, type WallTime } from '../core/time.ts'
import { parseEntries } from './queue.ts'
import type { Store } from './store.ts'

/** What all tabs share, under one key. */
interface Shared {
  session: Session
  /** This device's random id, where one is wanted. */
  visitor?: { id: string; since: WallTime } | undefined
}

/** 13 months, the longest that the French regulator lets an audience measurement live (CNIL, guidelines of 2020). */
const VISITOR_AGE: Millis = seconds(395 * 86_400)

/**
 * What the tabs share after one atomic update: the session is `mine`, or another that goes on. Its last activity may
 * be newer in a record that waits in the queue: a page that goes away writes nothing else.
 */
export const updateShared = (
  store: Store,
  rule: SessionRule,
  mine: Session,
  now: WallTime,
  wantsVisitor: (session: Session) => boolean,
  mintId: () => string,
): Promise<Shared> =>
  store(async ({ getAll, put }) => {
    const values = await getAll()
    const { session: shared, visitor } = (values as Shared[]).find((value) => value?.session) ?? {}
    for (const { record } of parseEntries(values))
      if (record.sessionId === shared?.id)
        shared.lastActivityAt = Math.max(shared.lastActivityAt, record.lastActivityAt)
    const session = rule.agree(shared, mine, now)
    const isKnown = visitor && now - visitor.since < VISITOR_AGE
    const next = {
      session,
      visitor: isKnown ? visitor : wantsVisitor(session) ? { id: mintId(), since: now } : undefined,
    }
    put(next, 'shared')
    return next
  })
