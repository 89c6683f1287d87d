import * as v from 'valibot'
import { addTo, type Histogram } from '../log-buckets.ts'
import { question } from '../store/question.ts'
import { sessionConditions } from './filter.ts'
import { count, estimate, percentiles, percentilesOf, ratio } from './measures.ts'
import { defineReport } from './report.ts'
import { groupsOf, sumOf } from './rows.ts'

/** How long sessions lasted, by how they ended. */
export const sessionLengths = defineReport({
  name: 'session-lengths',
  summary: 'How sessions ended, how long they lasted and how many pages they saw',
  canBeLimitedToPages: false,
  entries: {},
  row: v.object({
    /** `open` while it goes on. */
    end: v.string(),
    sessions: count,
    share: v.number(),
    durationMs: percentiles,
    averageDurationMs: v.number(),
    pagesPerSession: v.number(),
  }),
  async ask(store, _, filter) {
    const conditions = sessionConditions(filter, filter)
    const rows = await store.read<LengthRow>(
      question(
        (dialect) => `
        SELECT coalesce(end_reason, 'open') AS ending, duration_bucket, count(*) AS sessions, sum(weight) AS weight_sum,
               sum(duration_ms * weight) AS duration_sum, sum(view_count * weight) AS view_sum
        FROM sessions
        WHERE ${conditions.sql(dialect)}
        GROUP BY ending, duration_bucket
        ORDER BY ending, duration_bucket`,
      ),
      conditions.parameters,
    )
    const ends = groupsOf(rows, (row) => row.ending)
    const all = sumOf(rows, (row) => row.weight_sum)
    return [...ends].map(([end, ofEnd]) => {
      const histogram: Histogram = new Map()
      for (const row of ofEnd) addTo(histogram, row.duration_bucket, row.weight_sum)
      const weight = sumOf(ofEnd, (row) => row.weight_sum)
      return {
        end,
        sessions: estimate(
          sumOf(ofEnd, (row) => row.sessions),
          weight,
        ),
        share: ratio(weight, all),
        durationMs: percentilesOf(histogram),
        averageDurationMs: Math.round(sumOf(ofEnd, (row) => row.duration_sum) / weight),
        pagesPerSession: ratio(
          sumOf(ofEnd, (row) => row.view_sum),
          weight,
        ),
      }
    })
  },
})

interface LengthRow {
  ending: string
  duration_bucket: number
  sessions: number
  weight_sum: number
  duration_sum: number
  view_sum: number
}
