import { setImmediate } from 'node:timers/promises'
import { componentNameLimitReached, sessionAmended, sessionEnded, sessionStarted } from '../metrics.ts'
import type { ChangedSession, Keeping, KeptSession, Store } from '../store/store.ts'
import { createComponentNames } from './component-names.ts'
import { abandonedEnd, aliveUntil, heartbeatMs, measureSession, type SessionEnd, toldEnd } from './session.ts'

/** Sessions per look: one look is one transaction and one turn of the event loop, posts go in between. */
const SESSIONS_PER_LOOK = 500

const NOBODY: ReadonlySet<number> = new Set()

/**
 * Brings the kept sessions up to date with their views and counts what happened: each start and each end once,
 * however often and from wherever this is called. `quiet`: positions of changes that are the reaper's marks.
 */
export async function settle(store: Store, quiet = NOBODY): Promise<void> {
  const upTo = await store.lastChange()
  for (;;) {
    const changes = await store.changedSessions(upTo, SESSIONS_PER_LOOK)
    if (changes.length === 0) return
    const names = createComponentNames(await store.counters())
    const keepings = changes.map((change) => keepingOf(change, { isQuiet: quiet.has(change.position), names }))
    if (!(await store.keep(keepings))) return // they are another keeper's now
    await setImmediate()
  }
}

/** What the reaper needs to know. */
export interface ReaperOptions {
  store: Store
  /** How long a record may be on its way, in ms. */
  graceMs: number
  /** When this collector began to listen: whatever it missed before has `graceMs` to arrive. */
  listeningSince: Date
}

/** Ends the sessions that nobody is alive to end. */
export function createReaper({ store, graceMs, listeningSince }: ReaperOptions): (now: Date) => Promise<void> {
  return async function reap(now) {
    await settle(store)
    if (now.getTime() < listeningSince.getTime() + graceMs) return
    const marks = await store.markQuiet(now.getTime(), graceMs, SESSIONS_PER_LOOK)
    if (marks.length > 0) await settle(store, new Set(marks))
  }
}

interface Circumstances {
  isQuiet: boolean
  names: ReturnType<typeof createComponentNames>
}

function keepingOf({ position, views, kept, isRemeasure }: ChangedSession, { isQuiet, names }: Circumstances): Keeping {
  const measure = measureSession(views)
  const wasOpen = !kept || kept.status === 'open'
  const end = endOf(views, { isOver: isQuiet || !wasOpen })
  const component = kept ? { name: kept.componentName, isFolded: false } : names.of(measure.site)
  const session: KeptSession = {
    ...measure,
    ...end,
    site: kept?.site ?? measure.site, // what its start was counted under
    componentName: component.name,
    aliveUntil: aliveUntil(views),
    heartbeatMs: heartbeatMs(views),
  }

  const counts = []
  if (!kept) counts.push(sessionStarted(session))
  if (component.isFolded) counts.push(componentNameLimitReached())
  if (wasOpen && session.status !== 'open') counts.push(...sessionEnded(session))
  if (!wasOpen && !isRemeasure) counts.push(sessionAmended(session))
  return { position, session, counts }
}

/** A session that is over stays over: what arrives later may tell how it ended, never that it goes on. */
function endOf(views: ChangedSession['views'], { isOver }: { isOver: boolean }): SessionEnd {
  const told = toldEnd(views)
  return told.status === 'open' && isOver ? abandonedEnd(views) : told
}
