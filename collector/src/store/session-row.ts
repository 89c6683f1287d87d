import { bucketOf } from '../log-buckets.ts'
import type { KeptBefore, KeptSession } from './store.ts'

/** The parameters of the statement that saves a session. */
export function sessionRow({ client: _, people: __, isBot, breaks, tenths, countedViews, ...session }: KeptSession) {
  return {
    ...session,
    person: session.userId || session.visitorId || '',
    weight: 1 / session.samplingRate,
    durationBucket: bucketOf(session.durationMs),
    visibleBucket: bucketOf(session.visibleMs),
    engagedBucket: bucketOf(session.engagedMs),
    isBot: Number(isBot),
    breaks: JSON.stringify(breaks),
    tenths: JSON.stringify(tenths),
    countedViews: countedViews.join(),
  }
}

/** What is read of a session that was kept; null throughout if it was not. */
export type KeptRow = { [K in (typeof KEPT)[number]]: KeptValues[K] | null }

interface KeptValues {
  site: string
  component_name: string
  status: KeptSession['status']
  counted_ms: number
  counted_views: string
  duration_ms: number
  total_ms: number
  visible_ms: number
  engaged_ms: number
}

const KEPT = [
  ...(['site', 'component_name', 'status', 'counted_ms', 'counted_views'] as const),
  ...(['duration_ms', 'total_ms', 'visible_ms', 'engaged_ms'] as const),
] as const

/** These columns of a table, as a list for SELECT. */
export const keptColumns = (table: string): string => KEPT.map((column) => `${table}.${column} AS ${column}`).join(', ')

export function keptBefore(row: KeptRow): KeptBefore | undefined {
  if (row.site === null) return undefined
  const kept = row as KeptValues
  return {
    site: kept.site,
    componentName: kept.component_name,
    status: kept.status,
    countedMs: kept.counted_ms,
    countedViews: kept.counted_views ? kept.counted_views.split(',') : [],
    durationMs: kept.duration_ms,
    totalMs: kept.total_ms,
    visibleMs: kept.visible_ms,
    engagedMs: kept.engaged_ms,
  }
}
