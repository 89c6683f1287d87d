import * as v from 'valibot'
import { numberAt, tallyAt } from '../tallies/tally.ts'
import { SURVIVAL_SECONDS } from '../tallies/view-parts.ts'
import { measureViews } from './measure.ts'
import { count, countAt, ratio } from './measures.ts'
import { defineReport } from './report.ts'

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
    const views = (await measureViews(store, filter, ['visible', 'survival'])).get('') ?? {}
    const share = (from: 'visibleFrom' | 'engagedFrom', seconds: number) =>
      ratio(numberAt(tallyAt(views, from), String(seconds)), numberAt(views, 'weight'))
    return SURVIVAL_SECONDS.map((seconds) => ({
      seconds,
      views: countAt(views, 'views'),
      visibleShare: share('visibleFrom', seconds),
      engagedShare: share('engagedFrom', seconds),
    }))
  },
})
