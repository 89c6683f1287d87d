import * as v from 'valibot'
import type { Store } from '../store/store.ts'
import { binsAt, numberAt, type Tally } from '../tallies/tally.ts'
import { oneOf } from '../wanted.ts'
import { type Filter, isAboutPages, isCoarse, whole } from './filter.ts'
import { measureSessions, measureViews } from './measure.ts'
import { count, countAt, inOrder, percentiles, percentilesAt, ratio, SMALL_SAMPLE } from './measures.ts'
import { defineReport } from './report.ts'
import { sumOf } from './rows.ts'

const row = v.object({
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
  /** Of all sessions that the filter lets in, whatever page they ended on; of those that ended where the reader may look. */
  exitShare: v.number(),
  /** Where most went from here; null if nobody went on. */
  next: v.nullable(v.string()),
  isSmallSample: v.boolean(),
})

/** What pages are sorted by. */
const SORTS = {
  total: ({ totalEngagedMs }) => totalEngagedMs,
  page: ({ path }) => path,
  views: ({ views }) => views.estimated,
  sessions: ({ sessions }) => sessions,
  engaged: ({ engagedMs }) => engagedMs.p50 ?? 0,
  p90: ({ engagedMs }) => engagedMs.p90 ?? 0,
  visible: ({ visibleMs }) => visibleMs.p50 ?? 0,
  ratio: ({ engagedOfVisible }) => engagedOfVisible,
  entries: ({ entries }) => entries,
  exits: ({ exits }) => exits,
} satisfies Record<string, (of: v.InferOutput<typeof row>) => number | string>

type Sort = keyof typeof SORTS

/** Each page, those first on which most engaged time was spent, or by whatever else. */
export const pages = defineReport({
  name: 'pages',
  summary: 'Pages by engaged time, or as sorted: how long they are read, where people come in, leave and go next',
  canBeLimitedToPages: true,
  entries: {
    sort: v.optional(oneOf(Object.keys(SORTS) as Sort[]), 'total'),
    order: v.optional(oneOf(['asc', 'desc']), 'desc'),
    limit: v.optional(whole(1, 1_000), '100'),
    offset: v.optional(whole(0, 10_000_000), '0'),
  },
  row,
  async ask(store, { sort, order, limit, offset }, filter) {
    // Who came in or left on such a page has seen it: no need to ask the session for its pages.
    const { page: _, allowedPage: __, ...anyPage } = filter
    const askForEnds = () => measureSessions(store, anyPage, ['entries', 'exits'])
    const isByEnds = sort === 'entries' || sort === 'exits'
    const [early, earlyEnds] = await Promise.all([seenPages(store, filter), isByEnds ? askForEnds() : undefined])
    const portion = <Of>(all: readonly Of[], value: (of: Of) => number | string, name: (of: Of) => string) =>
      all.toSorted(inOrder(order, value, name)).slice(offset, offset + limit)

    const values = early && {
      page: (path: string) => path,
      total: (path: string) => Math.round(early.engagedMs.get(path) ?? 0),
      entries: endsOf(earlyEnds, 'entries'),
      exits: endsOf(earlyEnds, 'exits'),
    }
    const value = values && sort in values ? values[sort as keyof typeof values] : undefined
    const first = value && new Set(portion([...early!.views.keys()], value, (path) => path))
    const [measures, ends] = await Promise.all([
      measureViews(store, filter, ['visible', 'engaged', 'sessions', 'next'], first ?? 'path'),
      earlyEnds ?? askForEnds(), // read while the others are added up
    ])
    const [entries, exits] = [endsOf(ends, 'entries'), endsOf(ends, 'exits')]
    const seen = early?.views ?? measures
    // Who may see only some pages is not told how many sessions there are on others.
    const mayCount = (path: string) => filter.allowedPage === undefined || measures.has(path)
    const allExits = sumOf([...binsAt<string>(ends, 'exits')], ([path, weight]) => (mayCount(path) ? weight : 0))

    const rows = [...measures].map(([path, page]) => ({
      path,
      views: countAt(page, 'views'),
      sessions: Math.round(numberAt(page, 'sessions')),
      visibleMs: percentilesAt(page, 'visible'),
      engagedMs: percentilesAt(page, 'engaged'),
      engagedOfVisible: ratio(numberAt(page, 'engagedMs'), numberAt(page, 'visibleMs')),
      totalEngagedMs: Math.round(numberAt(page, 'engagedMs')),
      entries: entries(path),
      exits: exits(path),
      exitShare: ratio(binsAt<string>(ends, 'exits').get(path) ?? 0, allExits),
      // Only what the filter, or the reader's token, lets be seen.
      next: heaviest(binsAt(page, 'next'), (next) => seen.has(next)),
      isSmallSample: numberAt(page, 'views') < SMALL_SAMPLE,
    }))
    const name = ({ path }: { path: string }) => path
    return first ? rows.toSorted(inOrder(order, SORTS[sort], name)) : portion(rows, SORTS[sort], name)
  },
})

const endsOf = (ends: Tally | undefined, name: 'entries' | 'exits') => (path: string) =>
  Math.round(binsAt<string>(ends, name).get(path) ?? 0)

/** All pages that were seen, with their views and ms of engaged time; undefined where only each page itself tells. */
async function seenPages(store: Store, filter: Filter) {
  if (isAboutPages(filter) || !isCoarse(filter)) return undefined
  const views = (await measureViews(store, filter, ['paths'])).get('')
  return { views: binsAt<string>(views, 'pathViews'), engagedMs: binsAt<string>(views, 'pathEngagedMs') }
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
