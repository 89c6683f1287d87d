import * as v from 'valibot'
import { question } from '../store/question.ts'
import { DAY_MS } from '../tallies/tiers.ts'
import { sessionConditions } from './filter.ts'
import { count, estimate, ratio, SMALL_SAMPLE } from './measures.ts'
import { defineReport } from './report.ts'
import { sumOf } from './rows.ts'

/** First sessions by their engaged time: up to so many ms, and what that is called. */
const LENGTHS = [
  [10_000, 'under 10 s'],
  [60_000, '10 s to 1 min'],
  [300_000, '1 to 5 min'],
  [Number.MAX_SAFE_INTEGER, 'over 5 min'],
] as const

/** Whether those who were engaged longer the first time come back more. */
export const retention = defineReport({
  name: 'retention',
  summary: 'Share of visitors back within 1, 7 and 30 days, by engaged time of their first session',
  canBeLimitedToPages: false,
  entries: {},
  row: v.object({
    firstSession: v.string(),
    visitors: count,
    within1Day: v.number(),
    within7Days: v.number(),
    within30Days: v.number(),
    isSmallSample: v.boolean(),
  }),
  async ask(store, _, filter) {
    const { sql, parameters } = sessionConditions(filter, filter)
    const visitors = await store.read<VisitorRow>(
      question(
        (dialect) => `
        SELECT length_class, back_class, count(*) AS visitors, sum(first_weight) AS weight_sum
        FROM (
          SELECT max(CASE WHEN place = 1 THEN started_at END) AS first_at,
                 max(CASE WHEN place = 1 THEN weight END) AS first_weight,
                 max(CASE WHEN place = 1 THEN
                   CASE WHEN engaged_ms < :shortMs THEN 0 WHEN engaged_ms < :middleMs THEN 1
                        WHEN engaged_ms < :longMs THEN 2 ELSE 3 END END) AS length_class,
                 CASE WHEN max(place) = 1 THEN 3
                      ELSE CASE WHEN max(started_at) - min(started_at) <= :dayMs THEN 0
                                WHEN max(started_at) - min(started_at) <= :dayMs * 7 THEN 1
                                WHEN max(started_at) - min(started_at) <= :dayMs * 30 THEN 2
                                ELSE 3 END END AS back_class
          FROM (
            SELECT person, started_at, engaged_ms, weight,
                   row_number() OVER (PARTITION BY person ORDER BY started_at, session_id) AS place
            FROM sessions
            WHERE person IN (SELECT person FROM sessions WHERE person <> '' AND ${sql(dialect)})
              ${filter.site === undefined ? '' : 'AND site = :site'}
          ) AS numbered
          WHERE place <= 2
          GROUP BY person
        ) AS people
        WHERE first_at >= :from AND first_at < :to
        GROUP BY length_class, back_class`,
      ),
      { ...parameters, shortMs: LENGTHS[0][0], middleMs: LENGTHS[1][0], longMs: LENGTHS[2][0], dayMs: DAY_MS },
    )

    return LENGTHS.flatMap(([, firstSession], length) => {
      const ofLength = visitors.filter((row) => row.length_class === length)
      if (ofLength.length === 0) return []
      const weight = sumOf(ofLength, (row) => row.weight_sum)
      const sampled = sumOf(ofLength, (row) => row.visitors)
      const back = (within: number) =>
        ratio(
          sumOf(
            ofLength.filter((row) => row.back_class <= within),
            (row) => row.weight_sum,
          ),
          weight,
        )
      return {
        firstSession,
        visitors: estimate(sampled, weight),
        within1Day: back(0),
        within7Days: back(1),
        within30Days: back(2),
        isSmallSample: sampled < SMALL_SAMPLE,
      }
    })
  },
})

interface VisitorRow {
  length_class: number
  back_class: number
  visitors: number
  weight_sum: number
}
