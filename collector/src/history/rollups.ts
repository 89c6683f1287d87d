import { addTo, type Histogram, writeHistogram } from '../log-buckets.ts'
import { question } from '../store/question.ts'
import type { SessionRollup, Store, ViewRollup } from '../store/store.ts'

const QUARTER_MS = 15 * 60 * 1000
const DAY_MS = 24 * 60 * 60 * 1000

/** A record is at most 7 days late, so this old a quarter of an hour does not change any more. A day is for us. */
const SETTLED_AFTER_MS = 8 * DAY_MS

/** How much is rolled up in one look: some thousands of views, a few ms. */
const QUARTERS_PER_LOOK = 4

export const quarterOf = (instant: number): number => Math.floor(instant / QUARTER_MS) * QUARTER_MS

/** Rolls up the next quarters of an hour that cannot change any more; answers whether there may be more. */
export async function rollUp(store: Store, now: number): Promise<boolean> {
  const settledTo = quarterOf(now - SETTLED_AFTER_MS)
  const done = await store.rolledUpTo()
  const from = Math.max(done, quarterOf(await oldest(store, done)))
  if (from >= settledTo) {
    if (settledTo > done) await store.saveRollups({ upTo: settledTo, views: [], sessions: [] })
    return false
  }
  const upTo = Math.min(settledTo, from + QUARTERS_PER_LOOK * QUARTER_MS)
  const range = { from, to: upTo, quarterMs: QUARTER_MS }
  await store.saveRollups({
    upTo,
    views: viewRollups(await store.read<ViewGroup>(VIEW_GROUPS, range)),
    sessions: sessionRollups(await store.read<SessionGroup>(SESSION_GROUPS, range)),
  })
  return upTo < settledTo
}

/** The beginning of the oldest view or session that is not rolled up; nothing happened before it. */
async function oldest(store: Store, done: number): Promise<number> {
  const [row] = await store.read<{ view_at: number | null; session_at: number | null }>(OLDEST, { done })
  return Math.min(row!.view_at ?? Number.MAX_SAFE_INTEGER, row!.session_at ?? Number.MAX_SAFE_INTEGER)
}

interface ViewGroup {
  quarter_at: number
  site: string
  path: string
  page_group: string
  device: string
  is_bot: number
  visible_bucket: number
  engaged_bucket: number
  views: number
  weight: number
  visible_ms: number
  engaged_ms: number
}

function viewRollups(groups: readonly ViewGroup[]): ViewRollup[] {
  const rollups = new Map<string, ViewRollup & { visibles: Histogram; engageds: Histogram }>()
  for (const group of groups) {
    const { quarter_at: quarterAt, site, path, page_group: pageGroup, device, is_bot: isBot } = group
    const key = JSON.stringify([quarterAt, site, path, pageGroup, device, isBot])
    const rollup = rollups.get(key) ?? {
      ...{ quarterAt, site, path, pageGroup, device, isBot, views: 0, weight: 0, visibleMs: 0, engagedMs: 0 },
      ...{ visible: '', engaged: '', visibles: new Map(), engageds: new Map() },
    }
    rollups.set(key, rollup)
    rollup.views += group.views
    rollup.weight += group.weight
    rollup.visibleMs += group.visible_ms
    rollup.engagedMs += group.engaged_ms
    addTo(rollup.visibles, group.visible_bucket, group.weight)
    addTo(rollup.engageds, group.engaged_bucket, group.weight)
  }
  return [...rollups.values()].map(({ visibles, engageds, ...rollup }) => ({
    ...rollup,
    visible: writeHistogram(visibles),
    engaged: writeHistogram(engageds),
  }))
}

interface SessionGroup {
  quarter_at: number
  site: string
  device: string
  is_bot: number
  duration_bucket: number
  visible_bucket: number
  engaged_bucket: number
  sessions: number
  weight: number
  duration_ms: number
  visible_ms: number
  engaged_ms: number
  view_count: number
}

function sessionRollups(groups: readonly SessionGroup[]): SessionRollup[] {
  type Growing = SessionRollup & { durations: Histogram; visibles: Histogram; engageds: Histogram }
  const rollups = new Map<string, Growing>()
  for (const group of groups) {
    const { quarter_at: quarterAt, site, device, is_bot: isBot } = group
    const key = JSON.stringify([quarterAt, site, device, isBot])
    const rollup = rollups.get(key) ?? {
      ...{ quarterAt, site, device, isBot, sessions: 0, weight: 0, durationMs: 0, visibleMs: 0, engagedMs: 0 },
      ...{ viewCount: 0, duration: '', visible: '', engaged: '' },
      ...{ durations: new Map(), visibles: new Map(), engageds: new Map() },
    }
    rollups.set(key, rollup)
    rollup.sessions += group.sessions
    rollup.weight += group.weight
    rollup.durationMs += group.duration_ms
    rollup.visibleMs += group.visible_ms
    rollup.engagedMs += group.engaged_ms
    rollup.viewCount += group.view_count
    addTo(rollup.durations, group.duration_bucket, group.weight)
    addTo(rollup.visibles, group.visible_bucket, group.weight)
    addTo(rollup.engageds, group.engaged_bucket, group.weight)
  }
  return [...rollups.values()].map(({ durations, visibles, engageds, ...rollup }) => ({
    ...rollup,
    duration: writeHistogram(durations),
    visible: writeHistogram(visibles),
    engaged: writeHistogram(engageds),
  }))
}

const OLDEST = question(
  () => `
    SELECT (SELECT min(began_at) FROM views WHERE began_at >= :done) AS view_at,
           (SELECT min(started_at) FROM sessions WHERE started_at >= :done) AS session_at`,
)

const VIEW_GROUPS = question(
  () => `
    SELECT began_at - began_at % :quarterMs AS quarter_at, site, path, page_group, device, is_bot, visible_bucket,
           engaged_bucket, count(*) AS views, sum(weight) AS weight, sum(visible_ms * weight) AS visible_ms,
           sum(engaged_ms * weight) AS engaged_ms
    FROM views
    WHERE began_at >= :from AND began_at < :to
    GROUP BY quarter_at, site, path, page_group, device, is_bot, visible_bucket, engaged_bucket
    ORDER BY quarter_at, site, path, page_group, device, is_bot, visible_bucket, engaged_bucket`,
)

const SESSION_GROUPS = question(
  () => `
    SELECT started_at - started_at % :quarterMs AS quarter_at, site, device, is_bot, duration_bucket, visible_bucket,
           engaged_bucket, count(*) AS sessions, sum(weight) AS weight,
           sum(duration_ms * weight) AS duration_ms, sum(visible_ms * weight) AS visible_ms,
           sum(engaged_ms * weight) AS engaged_ms, sum(view_count * weight) AS view_count
    FROM sessions
    WHERE started_at >= :from AND started_at < :to
    GROUP BY quarter_at, site, device, is_bot, duration_bucket, visible_bucket, engaged_bucket
    ORDER BY quarter_at, site, device, is_bot, duration_bucket, visible_bucket, engaged_bucket`,
)
