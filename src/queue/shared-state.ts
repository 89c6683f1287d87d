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

/** Of the session that was ended last. */
const ENDED = 'ended'

/** 13 months, the longest that the French regulator lets an audience measurement live (CNIL, guidelines of 2020). */
const VISITOR_AGE: Millis = 395 * 86_400_000

/**
 * What the tabs share after one atomic update: the session is `mine`, or another that goes on. That `mine` has ended is
 * written before anything is read: a page that ends it may be gone before the answer.
 */
export async function updateShared(
  store: Store,
  rule: SessionRule,
  mine: Session,
  now: WallTime,
  wantsVisitor: false | ((sessionId: string) => boolean),
  mintId: () => string,
): Promise<SharedState> {
  if (mine.ended) store((entries) => entries.put(mine, ENDED))
  const state = await store(async (entries) => {
    const { session: shared, visitor: known }: Partial<SharedState> = (await promisifyRequest(entries.get(KEY))) ?? {}
    const ended: Session | undefined = await promisifyRequest(entries.get(ENDED))
    const session = rule.agree(ended?.id === shared?.id ? ended : shared, mine, now)
    const isKnown = known && now - known.since < VISITOR_AGE
    const visitor = wantsVisitor && (isKnown ? known : wantsVisitor(session.id) && { id: mintId(), since: now })
    const state = { session, visitor: visitor || undefined }
    entries.put(state, KEY)
    return state
  })
  return state ?? { session: mine }
}
