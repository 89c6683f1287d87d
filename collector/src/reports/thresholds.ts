import * as v from 'valibot'
import { binsAt } from '../tallies/tally.ts'
import { measureViews } from './measure.ts'
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
    const views = (await measureViews(store, filter, ['thresholds'])).get('')
    const weights = [...binsAt<number>(views, 'thresholdWeight')]
    const counts = binsAt<number>(views, 'thresholdViews')
    const all = sumOf(weights, ([, weight]) => weight)
    return weights
      .map(([threshold, weight]) => ({
        threshold,
        views: estimate(counts.get(threshold) ?? 0, weight),
        share: ratio(weight, all),
      }))
      .sort((a, b) => a.threshold - b.threshold)
  },
})
