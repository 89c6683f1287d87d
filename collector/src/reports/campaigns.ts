import * as v from 'valibot'
import { weightFrom } from '../log-buckets.ts'
import { binsAt, numberAt, partsOf, tallyAt } from '../tallies/tally.ts'
import { oneOf } from '../wanted.ts'
import { whole } from './filter.ts'
import { measureSessions } from './measure.ts'
import { count, countAt, inOrder, percentiles, percentilesAt, ratio, SMALL_SAMPLE } from './measures.ts'
import { defineReport } from './report.ts'

/** Sessions seen for less than this are quick exits. */
const QUICK_EXIT_MS = 10_000

/** What campaigns and referrers bring: not how many, but how long they stay. */
export const campaigns = defineReport({
  name: 'campaigns',
  summary: 'Sessions by campaign or referrer: how long they are engaged, how many leave at once',
  canBeLimitedToPages: false,
  entries: { by: v.optional(oneOf(['campaign', 'referrer']), 'campaign'), limit: v.optional(whole(1, 1_000), '100') },
  row: v.object({
    /** Empty: none was told. */
    name: v.string(),
    sessions: count,
    engagedMs: percentiles,
    /** Share of sessions visible for less than 10 seconds. */
    quickExits: v.number(),
    isSmallSample: v.boolean(),
  }),
  async ask(store, { by, limit }, filter) {
    const sources = partsOf(tallyAt(await measureSessions(store, filter, [`${by}Engaged`, `${by}Visible`]), by))
    const weight = ([, source]: (typeof sources)[number]) => Math.round(numberAt(source, 'weight'))
    const top = sources.sort(inOrder('desc', weight, ([name]) => name)).slice(0, limit)
    return top.map(([name, source]) => {
      const weight = numberAt(source, 'weight')
      return {
        name,
        sessions: countAt(source, 'sessions'),
        engagedMs: percentilesAt(source, 'engaged'),
        quickExits: ratio(weight - weightFrom(binsAt(source, 'visible'), QUICK_EXIT_MS), weight),
        isSmallSample: numberAt(source, 'sessions') < SMALL_SAMPLE,
      }
    })
  },
})
