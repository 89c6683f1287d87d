import type { ViewRecord } from 'dwelltime/protocol'
import * as v from 'valibot'
import { question } from '../store/question.ts'
import { viewConditions } from './filter.ts'
import { ratio } from './measures.ts'
import { newestViews } from './newest.ts'
import { defineReport } from './report.ts'
import { type Weighted, weightedPercentile } from './weighted.ts'

/** Only records know of scrolling and vitals, and reading them all would take too long. */
const NEWEST = 2_000

/** Up to which value a vital is good, and from which on it is poor: ms, but for cls. See web.dev/articles/vitals. */
const VITALS: Record<string, [good: number, poor: number]> = {
  lcp: [2_500, 4_000],
  inp: [200, 500],
  cls: [0.1, 0.25],
  fcp: [1_800, 3_000],
  ttfb: [800, 1_800],
}

const SCROLLS = ['under 25 %', '25 to 50 %', '50 to 75 %', '75 to 100 %', 'to the end'] as const

/** How far views scrolled and how fast the page was for them, beside how long they were engaged. */
export const reading = defineReport({
  name: 'reading',
  summary: `Scroll depth and web vitals of the newest ${NEWEST.toLocaleString('en')} views, beside engaged time`,
  canBeLimitedToPages: true,
  entries: {},
  row: v.object({
    /** `scroll`, or the name of a vital. */
    measure: v.string(),
    /** How far; good, middling or poor. */
    band: v.string(),
    views: v.number(),
    /** Of the views that have the measure. */
    share: v.number(),
    /** Medians of the band: scroll depth from 0 to 1, a vital in ms (cls: its score); engaged time. */
    value: v.number(),
    engagedMs: v.number(),
  }),
  async ask(store, _, filter) {
    const views = await newestViews(store, filter, NEWEST, (range) => {
      const { near, sql, parameters } = viewConditions(filter, range)
      const asked = question(
        (dialect) => `
        SELECT record FROM ${near(dialect)} WHERE ${sql(dialect)}
        ORDER BY began_at DESC LIMIT :newest`,
      )
      return store.read<{ record: string }>(asked, { ...parameters, newest: NEWEST })
    })
    const bands = new Map<string, { value: number; engagedMs: number; weight: number }[]>()
    for (const row of views) {
      const { scrollDepth, vitals = {}, engagedMs, samplingRate } = JSON.parse(row.record) as ViewRecord
      const measured = Object.entries({ ...vitals, ...(scrollDepth !== undefined && { scroll: scrollDepth }) })
      for (const [measure, value] of measured) {
        const band = bandOf(measure, value)
        if (band === undefined) continue
        const key = `${measure} ${band}`
        const found = bands.get(key) ?? []
        found.push({ value, engagedMs, weight: 1 / samplingRate })
        bands.set(key, found)
      }
    }
    return ['scroll', ...Object.keys(VITALS)].flatMap((measure) => {
      const names = measure === 'scroll' ? SCROLLS : BANDS
      const all = names.reduce((sum, band) => sum + (bands.get(`${measure} ${band}`)?.length ?? 0), 0)
      return names.flatMap((band) => {
        const found = bands.get(`${measure} ${band}`)
        if (!found) return []
        const median = (of: 'value' | 'engagedMs') =>
          weightedPercentile(
            found.map((each): Weighted => ({ value: each[of], weight: each.weight })),
            50,
          )
        const share = ratio(found.length, all)
        return { measure, band, views: found.length, share, value: median('value'), engagedMs: median('engagedMs') }
      })
    })
  },
})

const BANDS = ['good', 'middling', 'poor'] as const

function bandOf(measure: string, value: number): string | undefined {
  if (measure === 'scroll') return SCROLLS[Math.min(4, Math.floor(value * 4 + 1e-9))]
  const limits = Object.hasOwn(VITALS, measure) ? VITALS[measure] : undefined
  if (!limits) return undefined
  if (value <= limits[0]) return BANDS[0]
  return value > limits[1] ? BANDS[2] : BANDS[1]
}
