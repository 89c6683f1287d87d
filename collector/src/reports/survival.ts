import * as v from 'valibot'
import { numberAt } from '../tallies/tally.ts'
import { SURVIVAL_SECONDS, survivalName } from '../tallies/view-parts.ts'
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
    const share = (length: 'visible' | 'engaged', seconds: number) =>
      ratio(numberAt(views, survivalName(length, seconds)), numberAt(views, 'weight'))
    return SURVIVAL_SECONDS.map((seconds) => ({
      seconds,
      views: countAt(views, 'views'),
      visibleShare: share('visible', seconds),
      engagedShare: share('engaged', seconds),
    }))
  },
})
