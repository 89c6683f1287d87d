import * as v from 'valibot'
import { question } from '../store/question.ts'
import { viewConditions } from './filter.ts'
import { count, estimate, ratio } from './measures.ts'
import { defineReport } from './report.ts'
import { sumOf } from './rows.ts'

/** Views by the highest threshold of engaged time that they reached. */
export const thresholds = defineReport({
  name: 'thresholds',
  summary: 'Views by the highest threshold of engaged time that they reached',
  canBeLimitedToPages: true,
  entries: {},
  row: v.object({
    /** Seconds; 0: none was reached, or none was set. */
    threshold: v.number(),
    views: count,
    share: v.number(),
  }),
  async ask(store, _, filter) {
    const { sql, parameters } = viewConditions(filter, filter)
    const rows = await store.read<{ threshold: number; views: number; weight_sum: number }>(
      question(
        (dialect) => `
        SELECT threshold, count(*) AS views, sum(weight) AS weight_sum
        FROM views
        WHERE ${sql(dialect)}
        GROUP BY threshold
        ORDER BY threshold`,
      ),
      parameters,
    )
    const all = sumOf(rows, (row) => row.weight_sum)
    return rows.map(({ threshold, views, weight_sum }) => ({
      threshold,
      views: estimate(views, weight_sum),
      share: ratio(weight_sum, all),
    }))
  },
})
