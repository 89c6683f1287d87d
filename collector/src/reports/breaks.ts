import * as v from 'valibot'
import { addTo, bucketOf, type Histogram } from '../log-buckets.ts'
import { question } from '../store/question.ts'
import { type Conditions, sessionConditions } from './filter.ts'
import { count, estimate, percentiles, percentilesOf, ratio } from './measures.ts'
import { defineReport } from './report.ts'
import { groupsOf, sumOf } from './rows.ts'

/** How often and how long people pause, by kind, and one row for the sessions as a whole. */
export const breaks = defineReport({
  name: 'breaks',
  summary: 'Breaks: how many, how long, how many an hour; engagement by tenth of the session',
  canBeLimitedToPages: false,
  entries: {},
  row: v.object({
    /** `all` is about whole sessions. */
    kind: v.string(),
    breaks: count,
    perHour: v.number(),
    lengthMs: percentiles,
    totalMs: v.number(),
    /** Share of each tenth of the sessions that was engaged; only with `all`. */
    engagedByTenth: v.array(v.number()),
  }),
  async ask(store, _, filter) {
    const conditions = sessionConditions(filter, filter)
    const items = await store.read<BreakRow>(breakItems(conditions), conditions.parameters)
    const [total] = await store.read<TotalRow>(totals(conditions), conditions.parameters)
    const tenths = await store.read<TenthsRow>(tenthsOf(conditions), conditions.parameters)
    const hours = (total!.duration_sum ?? 0) / 3_600_000

    const describe = (kind: string, ofKind: readonly BreakRow[], engagedByTenth: number[] = []) => {
      const histogram: Histogram = new Map()
      for (const { length_ms, weight_sum } of ofKind) addTo(histogram, bucketOf(length_ms), weight_sum)
      const weight = sumOf(ofKind, (row) => row.weight_sum)
      return {
        kind,
        breaks: estimate(
          sumOf(ofKind, (row) => row.breaks),
          weight,
        ),
        perHour: ratio(weight, hours),
        lengthMs: percentilesOf(histogram),
        totalMs: Math.round(sumOf(ofKind, (row) => row.weight_sum * row.length_ms)),
        engagedByTenth,
      }
    }
    const kinds = [...groupsOf(items, (row) => row.kind)].sort(([a], [b]) => (a < b ? -1 : 1))
    return [describe('all', items, shares(tenths)), ...kinds.map(([kind, ofKind]) => describe(kind, ofKind))]
  },
})

interface BreakRow {
  kind: string
  length_ms: number
  breaks: number
  weight_sum: number
}

interface TotalRow {
  duration_sum: number | null
}

interface TenthsRow {
  tenths: string
  duration_ms: number
  weight: number
}

/** Lengths to the second: nobody rests by the millisecond, and there are fewer rows. */
const breakItems = ({ sql }: Conditions) =>
  question(
    (dialect) => `
    SELECT kind, length_ms, count(*) AS breaks, sum(break_weight) AS weight_sum
    FROM (
      SELECT ${dialect.textAt(0)} AS kind, ${dialect.numberAt(2)} - ${dialect.numberAt(2)} % 1000 AS length_ms,
             weight AS break_weight
      FROM sessions${dialect.eachOf('breaks')}
      WHERE ${sql(dialect)}
    ) AS items
    GROUP BY kind, length_ms
    ORDER BY kind, length_ms`,
  )

const totals = ({ sql }: Conditions) =>
  question((dialect) => `SELECT sum(duration_ms * weight) AS duration_sum FROM sessions WHERE ${sql(dialect)}`)

/** Ten numbers a session are added up here: there are at most so many of the newest. */
const MAX_SESSIONS = 100_000

const tenthsOf = ({ sql }: Conditions) =>
  question(
    (dialect) => `
    SELECT tenths, duration_ms, weight FROM sessions
    WHERE ${sql(dialect)} AND duration_ms > 0
    ORDER BY started_at DESC, session_id LIMIT ${MAX_SESSIONS}`,
  )

function shares(rows: readonly TenthsRow[]): number[] {
  const engagedMs = Array<number>(10).fill(0)
  let tenthMs = 0
  for (const { tenths, duration_ms, weight } of rows) {
    tenthMs += (duration_ms / 10) * weight
    for (const [at, ms] of (JSON.parse(tenths) as number[]).entries()) engagedMs[at]! += ms * weight
  }
  return engagedMs.map((ms) => ratio(ms, tenthMs))
}
