import * as v from 'valibot'
import { numberAt, partsOf, tallyAt } from '../tallies/tally.ts'
import { measureSessions } from './measure.ts'
import { count, countAt, percentiles, percentilesAt, ratio } from './measures.ts'
import { defineReport } from './report.ts'
import { sumOf } from './rows.ts'

/** How long sessions lasted, by how they ended. */
export const sessionLengths = defineReport({
  name: 'session-lengths',
  summary: 'How sessions ended, how long they lasted and how many pages they saw',
  canBeLimitedToPages: false,
  entries: {},
  row: v.object({
    /** `open` while it goes on. */
    end: v.string(),
    sessions: count,
    share: v.number(),
    durationMs: percentiles,
    averageDurationMs: v.number(),
    pagesPerSession: v.number(),
  }),
  async ask(store, _, filter) {
    const ends = partsOf(tallyAt(await measureSessions(store, filter, ['ends']), 'ends'))
    const all = sumOf(ends, ([, ended]) => numberAt(ended, 'weight'))
    return ends
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([end, ended]) => ({
        end,
        sessions: countAt(ended, 'sessions'),
        share: ratio(numberAt(ended, 'weight'), all),
        durationMs: percentilesAt(ended, 'duration'),
        averageDurationMs: Math.round(numberAt(ended, 'durationMs') / numberAt(ended, 'weight')),
        pagesPerSession: ratio(numberAt(ended, 'viewCount'), numberAt(ended, 'weight')),
      }))
  },
})
