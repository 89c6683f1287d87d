import { promisifyRequest } from 'idb-keyval'
import type { Session, SessionRule } from '../core/session.ts'
import type { Millis, WallTime } from '../core/time.ts'
import type { Store } from './store.ts'

/** What all tabs share, under one key. */
interface SharedState {
  session: Session
  /** This device's random id, where one is wanted. */
  visitor?: { id: string; since: WallTime }
}

const KEY = 'shared'

/** 13 months, the longest that the French regulator lets an audience measurement live (CNIL, guidelines of 2020). */
const VISITOR_AGE: Millis = 395 * 86_400_000

/**
 * What the tabs share after one atomic update: the session is `mine`, or another that goes on.
 */
export const updateShared = async (
  store: Store,
  rule: SessionRule,
  mine: Session,
  now: WallTime,
  wantsVisitor: false | ((sessionId: string) => boolean),
  mintId: () => string,
): Promise<SharedState> =>
  (await store(async (entries) => {
    const { session: shared, visitor: known }: Partial<SharedState> = (await promisifyRequest(entries.get(KEY))) ?? {}
    const session = rule.agree(shared, mine, now)
    const isKnown = known && now - known.since < VISITOR_AGE
    const visitor = wantsVisitor && (isKnown ? known : wantsVisitor(session.id) && { id: mintId(), since: now })
    const state = { session, visitor: visitor || undefined }
    entries.put(state, KEY)
    return state
  })) ?? { session: mine }
