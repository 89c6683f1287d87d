import * as v from 'valibot'
import { question } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import { type Conditions, type Filter, sessionConditions, viewConditions, whole } from './filter.ts'
import { measureViews } from './measure-views.ts'
import { byDescending, count, estimate, percentiles, percentilesOf, ratio, SMALL_SAMPLE } from './measures.ts'
import { defineReport } from './report.ts'

/** Each page, those first on which most engaged time was spent. */
export const pages = defineReport({
  name: 'pages',
  summary: 'Pages by engaged time: how long they are read, where people come in, leave and go next',
  canBeLimitedToPages: true,
  entries: { limit: v.optional(whole(1, 1_000), '100') },
  row: v.object({
    path: v.string(),
    views: count,
    /** Of the views that are stored; older ones are only known as counts. */
    sessions: v.number(),
    visibleMs: percentiles,
    engagedMs: percentiles,
    engagedOfVisible: v.number(),
    totalEngagedMs: v.number(),
    entries: v.number(),
    exits: v.number(),
    /** Where most went from here; null if nobody went on. */
    next: v.nullable(v.string()),
    isSmallSample: v.boolean(),
  }),
  async ask(store, { limit }, filter) {
    const measures = [...(await measureViews(store, filter, { ...filter, by: 'path' })).values()]
    const top = measures
      .sort(
        byDescending(
          ({ engagedMs }) => Math.round(engagedMs),
          ({ key }) => key,
        ),
      )
      .slice(0, limit)
    const conditions = viewConditions(filter, filter)
    const visited = await weights(store, sessionsOfPages(conditions), conditions)
    const entries = await ends(store, filter, 'entry_path')
    const exits = await ends(store, filter, 'exit_path')
    const next = await nextPages(store, conditions)

    return top.map((page) => ({
      path: page.key,
      views: estimate(page.views, page.weight),
      sessions: Math.round(visited.get(page.key) ?? 0),
      visibleMs: percentilesOf(page.visible),
      engagedMs: percentilesOf(page.engaged),
      engagedOfVisible: ratio(page.engagedMs, page.visibleMs),
      totalEngagedMs: Math.round(page.engagedMs),
      entries: Math.round(entries.get(page.key) ?? 0),
      exits: Math.round(exits.get(page.key) ?? 0),
      next: next.get(page.key) ?? null,
      isSmallSample: page.views < SMALL_SAMPLE,
    }))
  },
})

interface Weight {
  path: string
  weight_sum: number
}

async function weights(store: Store, asked: ReturnType<typeof question>, { parameters }: Conditions) {
  const rows = await store.read<Weight>(asked, parameters)
  return new Map(rows.map(({ path, weight_sum }) => [path, weight_sum]))
}

const sessionsOfPages = ({ sql }: Conditions) =>
  question(
    (dialect) => `
    SELECT path, sum(session_weight) AS weight_sum
    FROM (SELECT DISTINCT path, session_id, weight AS session_weight FROM views WHERE ${sql(dialect)}) AS visited
    GROUP BY path`,
  )

function ends(store: Store, filter: Filter, column: 'entry_path' | 'exit_path') {
  const conditions = sessionConditions(filter, filter)
  const asked = question(
    (dialect) => `
    SELECT ${column} AS path, sum(weight) AS weight_sum
    FROM sessions
    WHERE ${conditions.sql(dialect)}
    GROUP BY ${column}`,
  )
  return weights(store, asked, conditions)
}

/** The page that most of the weight went to from each page; of two alike the first by name. */
async function nextPages(store: Store, { sql, parameters }: Conditions): Promise<Map<string, string>> {
  const steps = question(
    (dialect) => `
    SELECT path, next_path, sum(step_weight) AS weight_sum
    FROM (
      SELECT path, weight AS step_weight,
             lead(path) OVER (PARTITION BY session_id ORDER BY began_at, view_id) AS next_path,
             lead(1) OVER (PARTITION BY session_id ORDER BY began_at, view_id) AS has_next
      FROM views
      WHERE ${sql(dialect)}
    ) AS steps
    WHERE has_next = 1
    GROUP BY path, next_path
    ORDER BY path, weight_sum DESC, next_path`,
  )
  const next = new Map<string, string>()
  for (const { path, next_path } of await store.read<{ path: string; next_path: string }>(steps, parameters)) {
    if (!next.has(path)) next.set(path, next_path)
  }
  return next
}
