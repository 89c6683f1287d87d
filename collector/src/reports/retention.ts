import * as v from 'valibot'
import { questionOfEach } from '../store/question.ts'
import { DAY_MS } from '../tallies/tiers.ts'
import { isNarrow, sessionConditions } from './filter.ts'
import { count, estimate, ratio, SMALL_SAMPLE } from './measures.ts'
import { ALL_PEOPLE, partsOfPeople } from './people.ts'
import { defineReport } from './report.ts'
import { sumOf } from './rows.ts'

/** First sessions by their engaged time: up to so many ms, and what that is called. */
const LENGTHS = [
  [10_000, 'under 10 s'],
  [60_000, '10 s to 1 min'],
  [300_000, '1 to 5 min'],
  [Number.MAX_SAFE_INTEGER, 'over 5 min'],
] as const

const LENGTHS_MS = { shortMs: LENGTHS[0][0], middleMs: LENGTHS[1][0], longMs: LENGTHS[2][0], dayMs: DAY_MS }

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
    const conditions = sessionConditions(filter, filter)
    const ofSite = filter.site === undefined ? '' : 'AND site = :site'
    const onlyInRange = `started_at >= :from AND started_at < :to ${ofSite} AND person <> ''`
    const parts = isNarrow(filter) ? [ALL_PEOPLE] : await partsOfPeople(store, onlyInRange, conditions.parameters)
    const answers = parts.map(({ condition, parameters }) =>
      store.read<VisitorRow>(
        questionOfEach({
          sqlite: (dialect) =>
            bySeeking(isNarrow(filter) ? conditions.sql(dialect) : `${onlyInRange} AND ${condition}`, ofSite),
          clickhouse: (dialect) =>
            byNumbering({
              ...{ asked: conditions.sql(dialect), askedFrom: conditions.near(dialect) },
              ...{ since: dialect.sessionsWith('started_at >= :from'), ofSite },
            }),
        }),
        { ...conditions.parameters, ...parameters, ...LENGTHS_MS },
      ),
    )
    const visitors = (await Promise.all(answers)).flat()

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

const LENGTH_CLASS = `CASE WHEN engaged_ms < :shortMs THEN 0 WHEN engaged_ms < :middleMs THEN 1
                          WHEN engaged_ms < :longMs THEN 2 ELSE 3 END`

const backClass = (afterMs: string) => `
    CASE WHEN ${afterMs} <= :dayMs THEN 0 WHEN ${afterMs} <= :dayMs * 7 THEN 1 WHEN ${afterMs} <= :dayMs * 30 THEN 2
         ELSE 3 END`

/**
 * An index has everybody's sessions in order: of each person who has one that is asked for, one look for the very first
 * one, which counts if it began in the range, whether it is itself asked for or not; then one for the next. Person by
 * person, as the index has them: in order of time each look would be at another of its pages.
 */
const bySeeking = (asked: string, ofSite: string) => `
  SELECT length_class, back_class, count(*) AS visitors, sum(weight) AS weight_sum
  FROM (
    SELECT ${LENGTH_CLASS} AS length_class, weight, CASE WHEN next_at IS NULL THEN 3 ELSE ${backClass('next_at - started_at')} END AS back_class
    FROM (
      SELECT first.engaged_ms, first.weight, first.started_at,
             (SELECT later.started_at FROM sessions AS later
              WHERE later.person = first.person AND (later.started_at, later.session_id) > (first.started_at, first.session_id)
                ${ofSite}
              ORDER BY later.started_at, later.session_id LIMIT 1) AS next_at
      FROM (
        SELECT person, (
          SELECT started_at FROM sessions AS known WHERE known.person = sessions.person ${ofSite}
          ORDER BY started_at, session_id LIMIT 1) AS first_at
        FROM sessions WHERE ${asked} AND person <> ''
        GROUP BY person HAVING first_at >= :from
      ) AS who
      CROSS JOIN sessions AS first -- in this order
        ON first.person = who.person AND (first.started_at, first.session_id) = (
          SELECT started_at, session_id FROM sessions AS known WHERE known.person = who.person ${ofSite}
          ORDER BY started_at, session_id LIMIT 1)
    ) AS firsts
  ) AS people
  GROUP BY length_class, back_class`

interface Wanted {
  /** Conditions on sessions, and where these are. */
  asked: string
  askedFrom: string
  /** Where the sessions since the range began are. */
  since: string
  ofSite: string
}

/** All at once: who is asked for and was never there before; then each session of these gets its number. */
const byNumbering = ({ asked, askedFrom, since, ofSite }: Wanted) => `
  SELECT length_class, back_class, count(*) AS visitors, sum(first_weight) AS weight_sum
  FROM (
    SELECT max(CASE WHEN place = 1 THEN started_at END) AS first_at,
           max(CASE WHEN place = 1 THEN weight END) AS first_weight,
           max(CASE WHEN place = 1 THEN ${LENGTH_CLASS} END) AS length_class,
           CASE WHEN max(place) = 1 THEN 3 ELSE ${backClass('max(started_at) - min(started_at)')} END AS back_class
    FROM (
      SELECT person, started_at, engaged_ms, weight,
             row_number() OVER (PARTITION BY person ORDER BY started_at, session_id) AS place
      FROM ${since}
      WHERE person IN (
        SELECT person FROM sessions
        WHERE person IN (SELECT person FROM ${askedFrom} WHERE person <> '' AND ${asked}) ${ofSite}
        GROUP BY person HAVING min(started_at) >= :from
      ) ${ofSite}
    ) AS numbered
    WHERE place <= 2
    GROUP BY person
  ) AS people
  WHERE first_at >= :from AND first_at < :to
  GROUP BY length_class, back_class`
