import * as v from 'valibot'
import type { Store } from '../store/store.ts'
import { binsAt, numberAt } from '../tallies/tally.ts'
import { type Filter, isAboutPages, isCoarse, whole } from './filter.ts'
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
    const first = await firstPages(store, filter, limit)
    const measures = await measureViews(
      store,
      filter,
      ['visible', 'engaged', 'sessions', 'next'],
      first?.paths ?? 'path',
    )
    const seen = first?.seen ?? measures
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
    const [entries, exits] = [binsAt<string>(ends, 'entries'), binsAt<string>(ends, 'exits')]

    return top.map(([path, page]) => ({
      path,
      views: countAt(page, 'views'),
      sessions: Math.round(numberAt(page, 'sessions')),
      visibleMs: percentilesAt(page, 'visible'),
      engagedMs: percentilesAt(page, 'engaged'),
      engagedOfVisible: ratio(numberAt(page, 'engagedMs'), numberAt(page, 'visibleMs')),
      totalEngagedMs: Math.round(numberAt(page, 'engagedMs')),
      entries: Math.round(entries.get(path) ?? 0),
      exits: Math.round(exits.get(path) ?? 0),
      // Only what the filter, or the reader's token, lets be seen.
      next: heaviest(binsAt(page, 'next'), (next) => seen.has(next)),
      isSmallSample: numberAt(page, 'views') < SMALL_SAMPLE,
    }))
  },
})

/** The pages that come first and all that were seen; undefined where only the pages themselves tell. */
async function firstPages(store: Store, filter: Filter, limit: number) {
  if (isAboutPages(filter) || !isCoarse(filter)) return undefined
  const views = (await measureViews(store, filter, ['paths'])).get('')
  const engagedMs = binsAt<string>(views, 'pathEngagedMs')
  const seen = binsAt<string>(views, 'pathViews')
  const inOrder = [...seen.keys()].sort(
    byDescending(
      (path) => Math.round(engagedMs.get(path) ?? 0),
      (path) => path,
    ),
  )
  return { paths: new Set(inOrder.slice(0, limit)), seen }
}

/** The name with most weight; of two alike the first by name. */
function heaviest(weights: ReadonlyMap<string, number>, isSeen: (name: string) => boolean): string | null {
  let found: string | null = null
  let most = 0
  for (const [name, weight] of weights) {
    if (!isSeen(name) || weight < most || (weight === most && found !== null && found < name)) continue
    found = name
    most = weight
  }
  return found
}
