import { addTo, type Histogram, mergeInto } from '../log-buckets.ts'
import { question } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import { type Conditions, type Filter, isCoarse, rollupConditions, viewConditions } from './filter.ts'

/** What the views of one key say together; sums and histograms are weighted. */
export interface ViewMeasure {
  key: string
  views: number
  weight: number
  visibleMs: number
  engagedMs: number
  visible: Histogram
  engaged: Histogram
}

/** By which views are put together: all of them, or each page. */
export type ViewKey = 'all' | 'path'

const KEY_COLUMNS: Record<ViewKey, string> = { all: "''", path: 'path' }

/** Older views from their roll-ups, where these know enough, newer ones from themselves. */
export async function measureViews(
  store: Store,
  filter: Filter,
  { from, to, by = 'all' }: { from: number; to: number; by?: ViewKey },
): Promise<Map<string, ViewMeasure>> {
  const measures = new Map<string, ViewMeasure>()
  const ofKey = (key: string): ViewMeasure => {
    const empty = { key, views: 0, weight: 0, visibleMs: 0, engagedMs: 0, visible: new Map(), engaged: new Map() }
    const measure = measures.get(key) ?? empty
    measures.set(key, measure)
    return measure
  }

  const cut = isCoarse(filter) ? Math.min(to, Math.max(from, await store.rolledUpTo())) : from
  if (cut > from) {
    const conditions = rollupConditions(filter, { from, to: cut }, 'pages')
    for (const row of await store.read<RollupRow>(rollups(by, conditions), conditions.parameters)) {
      const measure = ofKey(row.key)
      measure.views += row.views
      measure.weight += row.weight
      measure.visibleMs += row.visible_ms
      measure.engagedMs += row.engaged_ms
      mergeInto(measure.visible, row.visible)
      mergeInto(measure.engaged, row.engaged)
    }
  }
  if (cut < to) {
    const conditions = viewConditions(filter, { from: cut, to })
    for (const row of await store.read<SumRow>(sums(by, conditions), conditions.parameters)) {
      const measure = ofKey(row.key)
      measure.views += row.views
      measure.weight += row.weight_sum
      measure.visibleMs += row.visible_sum
      measure.engagedMs += row.engaged_sum
      addTo(measure.visible, row.bucket, row.weight_sum)
    }
    for (const row of await store.read<BucketRow>(engagedBuckets(by, conditions), conditions.parameters)) {
      addTo(ofKey(row.key).engaged, row.bucket, row.weight_sum)
    }
  }
  return measures
}

interface BucketRow {
  key: string
  bucket: number
  weight_sum: number
}

interface SumRow extends BucketRow {
  views: number
  visible_sum: number
  engaged_sum: number
}

interface RollupRow {
  key: string
  views: number
  weight: number
  visible_ms: number
  engaged_ms: number
  visible: string
  engaged: string
}

const rollups = (by: ViewKey, { sql }: Conditions) =>
  question(
    (dialect) => `
    SELECT ${KEY_COLUMNS[by]} AS key, views, weight, visible_ms, engaged_ms, visible, engaged
    FROM view_rollups
    WHERE ${sql(dialect)}`,
  )

const sums = (by: ViewKey, { sql }: Conditions) =>
  question(
    (dialect) => `
    SELECT ${KEY_COLUMNS[by]} AS key, visible_bucket AS bucket, count(*) AS views, sum(weight) AS weight_sum,
           sum(visible_ms * weight) AS visible_sum, sum(engaged_ms * weight) AS engaged_sum
    FROM views
    WHERE ${sql(dialect)}
    GROUP BY key, bucket`,
  )

const engagedBuckets = (by: ViewKey, { sql }: Conditions) =>
  question(
    (dialect) => `
    SELECT ${KEY_COLUMNS[by]} AS key, engaged_bucket AS bucket, sum(weight) AS weight_sum
    FROM views
    WHERE ${sql(dialect)}
    GROUP BY key, bucket`,
  )
