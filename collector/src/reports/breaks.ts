import * as v from 'valibot'
import { addInto, binsAt, emptyTally, numberAt, partsOf, type Tally, tallyAt } from '../tallies/tally.ts'
import { whole } from './filter.ts'
import { measureNewestSessions, measureSessions } from './measure.ts'
import { allEnds, count, countAt, percentiles, percentilesAt, ratio } from './measures.ts'
import { defineReport } from './report.ts'

/** How often and how long people pause, by kind, and one row for the sessions as a whole. */
export const breaks = defineReport({
  name: 'breaks',
  summary: 'Breaks: how many, how long, how many an hour; engagement by tenth of the session',
  canBeLimitedToPages: false,
  /** `newest`: only of the sessions that so many of the newest views are of. */
  entries: { newest: v.optional(whole(1, 10_000)) },
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
  async ask(store, { newest }, filter) {
    const parts = ['breaks', 'tenths', 'ends'] as const
    const sessions =
      newest === undefined
        ? await measureSessions(store, filter, parts)
        : await measureNewestSessions(store, filter, parts, newest)
    const kinds = partsOf(tallyAt(sessions, 'breaks')).sort(([a], [b]) => (a < b ? -1 : 1))
    const all = emptyTally()
    for (const [, ofKind] of kinds) addInto(all, ofKind)
    const hours = numberAt(allEnds(sessions), 'durationMs') / 3_600_000

    const describe = (kind: string, ofKind: Tally, engagedByTenth: number[] = []) => ({
      kind,
      breaks: countAt(ofKind, 'breaks'),
      perHour: ratio(numberAt(ofKind, 'weight'), hours),
      lengthMs: percentilesAt(ofKind, 'lengths'),
      totalMs: Math.round(numberAt(ofKind, 'totalMs')),
      engagedByTenth,
    })
    return [describe('all', all, shares(sessions)), ...kinds.map(([kind, ofKind]) => describe(kind, ofKind))]
  },
})

function shares(sessions: Tally): number[] {
  const tenths = binsAt<number>(sessions, 'tenths')
  return Array.from({ length: 10 }, (_, at) => ratio(tenths.get(at) ?? 0, numberAt(sessions, 'tenthMs')))
}
