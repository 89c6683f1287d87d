import * as v from 'valibot'
import { numberAt, type Tally, tallyAt } from '../tallies/tally.ts'
import { whole } from './filter.ts'
import { measureSessions, measureViews } from './measure.ts'
import { byDescending, count, countAt, percentiles, percentilesAt, ratio, SMALL_SAMPLE } from './measures.ts'
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
    /** Each counts once on a page, where it came there first. */
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
    const measures = await measureViews(store, filter, ['visible', 'engaged', 'sessions', 'next'], 'path')
    const top = [...measures]
      .sort(
        byDescending(
          ([, page]) => Math.round(numberAt(page, 'engagedMs')),
          ([path]) => path,
        ),
      )
      .slice(0, limit)
    // Who came in or left on such a page has seen it: no need to ask the session for its pages.
    const { page: _, allowedPage: __, ...anyPage } = filter
    const ends = await measureSessions(store, anyPage, ['entries', 'exits'])

    return top.map(([path, page]) => ({
      path,
      views: countAt(page, 'views'),
      sessions: Math.round(numberAt(page, 'sessions')),
      visibleMs: percentilesAt(page, 'visible'),
      engagedMs: percentilesAt(page, 'engaged'),
      engagedOfVisible: ratio(numberAt(page, 'engagedMs'), numberAt(page, 'visibleMs')),
      totalEngagedMs: Math.round(numberAt(page, 'engagedMs')),
      entries: Math.round(numberAt(tallyAt(ends, 'entries'), path)),
      exits: Math.round(numberAt(tallyAt(ends, 'exits'), path)),
      // Only what the filter, or the reader's token, lets be seen.
      next: heaviest(tallyAt(page, 'next'), (next) => measures.has(next)),
      isSmallSample: numberAt(page, 'views') < SMALL_SAMPLE,
    }))
  },
})

/** The name with most weight; of two alike the first by name. */
function heaviest(weights: Tally, isSeen: (name: string) => boolean): string | null {
  let found: string | null = null
  let most = 0
  for (const name in weights) {
    const weight = numberAt(weights, name)
    if (!isSeen(name) || weight < most || (weight === most && found !== null && found < name)) continue
    found = name
    most = weight
  }
  return found
}
