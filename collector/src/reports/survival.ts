import * as v from 'valibot'
import { question } from '../store/question.ts'
import { type Conditions, viewConditions } from './filter.ts'
import { count, estimate, ratio } from './measures.ts'
import { defineReport } from './report.ts'

/** The seconds at which we look who is still there. */
const SECONDS = [5, 10, 30, 60, 180] as const

/** Who is still there after some seconds of visible, and of engaged time. */
export const survival = defineReport({
  name: 'survival',
  summary: 'Which share of views is still there after 5, 10, 30, 60 and 180 seconds',
  canBeLimitedToPages: true,
  entries: {},
  row: v.object({
    seconds: v.number(),
    views: count,
    visibleShare: v.number(),
    engagedShare: v.number(),
  }),
  async ask(store, _, filter) {
    const conditions = viewConditions(filter, filter)
    const rows = []
    for (const seconds of SECONDS) {
      const parameters = { ...conditions.parameters, atMs: seconds * 1000 }
      const [row] = await store.read<StillThere>(stillThere(conditions), parameters)
      rows.push({
        seconds,
        views: estimate(row!.views, row!.weight_sum ?? 0),
        visibleShare: ratio(row!.visible_sum ?? 0, row!.weight_sum ?? 0),
        engagedShare: ratio(row!.engaged_sum ?? 0, row!.weight_sum ?? 0),
      })
    }
    return rows
  },
})

interface StillThere {
  views: number
  weight_sum: number | null
  visible_sum: number | null
  engaged_sum: number | null
}

const stillThere = ({ sql }: Conditions) =>
  question(
    (dialect) => `
    SELECT count(*) AS views, sum(weight) AS weight_sum,
           sum(CASE WHEN visible_ms >= :atMs THEN weight ELSE 0 END) AS visible_sum,
           sum(CASE WHEN engaged_ms >= :atMs THEN weight ELSE 0 END) AS engaged_sum
    FROM views
    WHERE ${sql(dialect)}`,
  )
