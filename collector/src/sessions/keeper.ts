import { setImmediate } from 'node:timers/promises'
import type { ViewRecord } from 'dwelltime/protocol'
import {
  type CountingRules,
  DEFAULT_RULES,
  seriesLimitReached,
  sessionAmended,
  sessionEnded,
  sessionStarted,
  timeOpen,
  viewEnded,
} from '../metrics/counts.ts'
import { createLabels, LABEL_SOURCES, type Labels } from '../metrics/labels.ts'
import type { ChangedSession, Count, Keeping, KeptSession, ReceivedView, Store } from '../store/store.ts'
import { accruedMs, endedViews, shortId } from './accrual.ts'
import { abandonedEnd, aliveUntil, heartbeatMs, measureSession, type SessionEnd, toldEnd } from './session.ts'

/** Sessions per look: one look is one transaction and one turn of the event loop, posts go in between. */
const SESSIONS_PER_LOOK = 500

const NOBODY: ReadonlySet<number> = new Set()

/** Of a session that was kept before anybody could note a change; positions begin at 1. */
const NO_POSITION = 0

type Clocks = 'durationMs' | 'totalMs' | 'visibleMs' | 'engagedMs'

/** What is told of a session. */
export type ToldSession = Pick<KeptSession, 'sessionId' | 'site' | 'componentName' | 'userId' | 'visitorId' | Clocks>

/** What happened to a session, told when it is durable and counted; exactly once, but for a crash in between. */
export interface KeptChange {
  session: ToldSession
  /** As it was kept before; undefined when it has just started. */
  before: Pick<KeptSession, Clocks> | undefined
  /** Views that were counted as over with this change. */
  endedViews: readonly Pick<ViewRecord, 'visibleMs' | 'engagedMs'>[]
  /** A session that just started may have ended, too. */
  hasEnded: boolean
  /** It had ended before: only reports change. */
  isAmendment: boolean
}

/** How to count, and who wants to know. */
export interface Keeper {
  rules: CountingRules
  /** What has to be saved with the session or not at all, beside its counts. */
  factsOf?: (session: KeptSession, views: ChangedSession['views']) => Keeping['facts']
  onKept?: (changes: readonly KeptChange[]) => void
}

/**
 * Brings the kept sessions up to date with their views and counts what happened: each start and each end once,
 * however often and from wherever this is called. `quiet`: positions of changes that are the reaper's marks.
 */
export async function settle(store: Store, keeper: Keeper = { rules: DEFAULT_RULES }, quiet = NOBODY): Promise<void> {
  if (store.keeper) return store.keeper.settle([...quiet])
  const upTo = await store.lastChange()
  for (;;) {
    const changes = await store.changedSessions(upTo, SESSIONS_PER_LOOK)
    if (changes.length === 0) return
    const labels = createLabels(await store.counters(LABEL_SOURCES), keeper.rules.pageGroups)
    const looked = changes.map((change) => look(change, { isQuiet: quiet.has(change.position), labels, keeper }))
    const kept = await store.keep(looked.map(({ keeping }) => keeping))
    if (!kept) return // they are another keeper's now
    const saved = new Set(kept)
    keeper.onKept?.(looked.filter(({ keeping }) => saved.has(keeping.position)).flatMap(({ change }) => change ?? []))
    await setImmediate()
  }
}

/** What begins with records that were just received, to be saved with them: nothing of it has to be read back. */
export function begin(sessions: readonly ReceivedView[][], counters: readonly Count[], keeper: Keeper) {
  const labels = createLabels(counters, keeper.rules.pageGroups)
  return sessions.map((views) => {
    const beginning = { position: NO_POSITION, views, kept: undefined, isRemeasure: false }
    return look(beginning, { isQuiet: false, labels, keeper })
  })
}

/** What the reaper needs to know. */
export interface ReaperOptions {
  store: Store
  /** How long a record may be on its way, in ms. */
  graceMs: number
  /** When this collector began to listen: whatever it missed before has `graceMs` to arrive. */
  listeningSince: Date
  keeper?: Keeper
  /** Settles together with others who ask. */
  settled?: () => Promise<void>
}

/** Ends the sessions that nobody is alive to end. */
export function createReaper(options: ReaperOptions): (now: Date) => Promise<void> {
  const { store, graceMs, listeningSince, keeper, settled = () => settle(store, keeper) } = options
  return async function reap(now) {
    await settled()
    if (now.getTime() < listeningSince.getTime() + graceMs) return
    const marks = await store.markQuiet(now.getTime(), graceMs, SESSIONS_PER_LOOK)
    if (marks.length > 0) await settle(store, keeper, new Set(marks))
  }
}

interface Circumstances {
  isQuiet: boolean
  labels: Labels
  keeper: Keeper
}

function look(changed: ChangedSession, { isQuiet, labels, keeper }: Circumstances) {
  const { position, views, kept, isRemeasure } = changed
  const { rules } = keeper
  const measure = measureSession(views)
  const wasOpen = !kept || kept.status === 'open'
  const end = endOf(views, { isOver: isQuiet || !wasOpen })
  const isOpen = end.status === 'open'
  const component = kept ? { value: kept.componentName, isFolded: false } : labels.componentName(measure.site)
  const countedBefore = kept?.countedMs ?? 0
  const ended = wasOpen ? endedViews(views, kept?.countedViews ?? [], !isOpen) : []
  // Not spread: a copy of so many fields costs as much as measuring them.
  const session: KeptSession = Object.assign(measure, end, {
    site: kept?.site ?? measure.site, // what its start was counted under
    componentName: component.value,
    aliveUntil: aliveUntil(views),
    heartbeatMs: heartbeatMs(views),
    countedMs: wasOpen ? Math.max(countedBefore, isOpen ? accruedMs(views) : measure.totalMs) : countedBefore,
    // Of a session that is over no view is counted any more.
    countedViews: isOpen ? [...(kept?.countedViews ?? []), ...ended.map(shortId)] : [],
  })

  const counts: Count[] = []
  if (!kept) counts.push(sessionStarted(session, rules))
  if (component.isFolded) counts.push(seriesLimitReached('component_name'))
  if (session.countedMs > countedBefore) counts.push(timeOpen(session, session.countedMs - countedBefore))
  for (const view of ended) {
    const page = labels.ofPage(session.componentName, view.pageGroup)
    if (page.isFolded) counts.push(seriesLimitReached('page_group'))
    counts.push(...viewEnded(page.value, view, rules))
  }
  const hasEnded = wasOpen && !isOpen
  if (hasEnded) counts.push(...sessionEnded(session, rules))
  const isAmendment = !wasOpen && !isRemeasure
  if (isAmendment) counts.push(sessionAmended(session))

  const facts = wasOpen ? (keeper.factsOf?.(session, views) ?? []) : []
  const keeping: Keeping = { position, session, counts, facts }
  const change: KeptChange | undefined = isRemeasure
    ? undefined
    : { session, before: kept, endedViews: ended, hasEnded, isAmendment }
  return { keeping, change }
}

/** A session that is over stays over: what arrives later may tell how it ended, never that it goes on. */
function endOf(views: ChangedSession['views'], { isOver }: { isOver: boolean }): SessionEnd {
  const told = toldEnd(views)
  return told.status === 'open' && isOver ? abandonedEnd(views) : told
}
