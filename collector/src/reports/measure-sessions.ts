import { addTo, type Histogram, mergeInto } from '../log-buckets.ts'
import { question } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import { type Conditions, type Filter, isCoarse, rollupConditions, sessionConditions } from './filter.ts'

/** What the sessions of one key say together; sums and histograms are weighted. */
export interface SessionMeasure {
  key: string
  sessions: number
  weight: number
  durationMs: number
  visibleMs: number
  engagedMs: number
  viewCount: number
  duration: Histogram
  visible: Histogram
  engaged: Histogram
}

/** By which sessions are put together. Those with a name are in no roll-up. */
export type SessionKey = 'all' | 'campaign' | 'referrer'

const KEY_COLUMNS: Record<SessionKey, string> = { all: "''", campaign: 'campaign', referrer: 'referrer' }

/** Older sessions from their roll-ups, where these know enough, newer ones from themselves. */
export async function measureSessions(
  store: Store,
  filter: Filter,
  { from, to, by = 'all' }: { from: number; to: number; by?: SessionKey },
): Promise<Map<string, SessionMeasure>> {
  const measures = new Map<string, SessionMeasure>()
  const ofKey = (key: string): SessionMeasure => {
    const sums = { sessions: 0, weight: 0, durationMs: 0, visibleMs: 0, engagedMs: 0, viewCount: 0 }
    const empty = { key, ...sums, duration: new Map(), visible: new Map(), engaged: new Map() }
    const measure = measures.get(key) ?? empty
    measures.set(key, measure)
    return measure
  }
  const isAboutPages = filter.page !== undefined || filter.allowedPage !== undefined || filter.page_group !== undefined
  const canUseRollups = by === 'all' && isCoarse(filter) && !isAboutPages

  const cut = canUseRollups ? Math.min(to, Math.max(from, await store.rolledUpTo())) : from
  if (cut > from) {
    const conditions = rollupConditions(filter, { from, to: cut }, 'no pages')
    for (const row of await store.read<RollupRow>(rollups(conditions), conditions.parameters)) {
      const measure = ofKey('')
      measure.sessions += row.sessions
      measure.weight += row.weight
      measure.durationMs += row.duration_ms
      measure.visibleMs += row.visible_ms
      measure.engagedMs += row.engaged_ms
      measure.viewCount += row.view_count
      mergeInto(measure.duration, row.duration)
      mergeInto(measure.visible, row.visible)
      mergeInto(measure.engaged, row.engaged)
    }
  }
  if (cut < to) {
    const conditions = sessionConditions(filter, { from: cut, to })
    const read = <Row>(bucket: string) => store.read<Row>(buckets(by, bucket, conditions), conditions.parameters)
    for (const row of await read<SumRow>('duration_bucket')) {
      const measure = ofKey(row.key)
      measure.sessions += row.sessions
      measure.weight += row.weight_sum
      measure.durationMs += row.duration_sum
      measure.visibleMs += row.visible_sum
      measure.engagedMs += row.engaged_sum
      measure.viewCount += row.view_sum
      addTo(measure.duration, row.bucket, row.weight_sum)
    }
    for (const row of await read<SumRow>('visible_bucket')) addTo(ofKey(row.key).visible, row.bucket, row.weight_sum)
    for (const row of await read<SumRow>('engaged_bucket')) addTo(ofKey(row.key).engaged, row.bucket, row.weight_sum)
  }
  return measures
}

interface SumRow {
  key: string
  bucket: number
  sessions: number
  weight_sum: number
  duration_sum: number
  visible_sum: number
  engaged_sum: number
  view_sum: number
}

interface RollupRow {
  sessions: number
  weight: number
  duration_ms: number
  visible_ms: number
  engaged_ms: number
  view_count: number
  duration: string
  visible: string
  engaged: string
}

const rollups = ({ sql }: Conditions) =>
  question(
    (dialect) => `
    SELECT sessions, weight, duration_ms, visible_ms, engaged_ms, view_count, duration, visible, engaged
    FROM session_rollups
    WHERE ${sql(dialect)}`,
  )

const buckets = (by: SessionKey, bucket: string, { sql }: Conditions) =>
  question(
    (dialect) => `
    SELECT ${KEY_COLUMNS[by]} AS key, ${bucket} AS bucket, count(*) AS sessions, sum(weight) AS weight_sum,
           sum(duration_ms * weight) AS duration_sum, sum(visible_ms * weight) AS visible_sum,
           sum(engaged_ms * weight) AS engaged_sum, sum(view_count * weight) AS view_sum
    FROM sessions
    WHERE ${sql(dialect)}
    GROUP BY key, bucket`,
  )
