import * as v from 'valibot'
import { numberAt, partsOf, tallyAt } from '../tallies/tally.ts'
import { measureViews } from './measure.ts'
import { count, countAt, ratio } from './measures.ts'
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
    const views = (await measureViews(store, filter, ['thresholds'])).get('')
    const reached = partsOf(tallyAt(views, 'thresholds'))
    const all = sumOf(reached, ([, tally]) => numberAt(tally, 'weight'))
    return reached
      .map(([threshold, tally]) => ({
        threshold: Number(threshold),
        views: countAt(tally, 'views'),
        share: ratio(numberAt(tally, 'weight'), all),
      }))
      .sort((a, b) => a.threshold - b.threshold)
  },
})
