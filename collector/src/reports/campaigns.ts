import * as v from 'valibot'
import { weightFrom } from '../log-buckets.ts'
import { oneOf } from '../wanted.ts'
import { whole } from './filter.ts'
import { measureSessions } from './measure-sessions.ts'
import { byDescending, count, estimate, percentiles, percentilesOf, ratio, SMALL_SAMPLE } from './measures.ts'
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
    const measures = [...(await measureSessions(store, filter, { ...filter, by })).values()]
    const top = measures
      .sort(
        byDescending(
          ({ weight }) => Math.round(weight),
          ({ key }) => key,
        ),
      )
      .slice(0, limit)
    return top.map((measure) => ({
      name: measure.key,
      sessions: estimate(measure.sessions, measure.weight),
      engagedMs: percentilesOf(measure.engaged),
      quickExits: ratio(measure.weight - weightFrom(measure.visible, QUICK_EXIT_MS), measure.weight),
      isSmallSample: measure.sessions < SMALL_SAMPLE,
    }))
  },
})
