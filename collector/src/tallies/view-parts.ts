import type { Dialect } from '../store/question.ts'
import { facts, type Part, summed } from './part.ts'
import { add, addTo } from './tally.ts'
import { HOUR_MS, LONGEST_SESSION_MS } from './tiers.ts'

/** A record that came this long after its last activity was kept by the device and sent by a later visit. */
const LATER_VISIT_MS = 5 * 60 * 1000

/** Each fact about how a view came, as the condition that counts. */
export const VIEW_FACTS = {
  views: '1 = 1',
  views_captured_at_exit: `via = 'beacon'`,
  views_captured_by_the_browser_later: `via = 'fetchLater'`,
  views_captured_by_a_later_visit: `via = 'fetch' AND received_at - (began_at + total_ms) > ${LATER_VISIT_MS}`,
  views_of_bots: 'is_bot = 1',
  views_with_a_wrong_clock: 'began_at <> started_at',
  views_sampled: 'weight > 1',
}

/** The seconds at which survival looks who is still there. */
export const SURVIVAL_SECONDS = [5, 10, 30, 60, 180] as const

const SURVIVALS = SURVIVAL_SECONDS.flatMap((seconds) =>
  (['visible', 'engaged'] as const).map((length) => ({
    ...{ name: survivalName(length, seconds), column: `${length}_from_${seconds}` },
    ...{ length: `${length}_ms` as const, ms: seconds * 1000 },
  })),
)

/** Under which name a tally has the weight of what lasted at least so long. */
export function survivalName(length: 'visible' | 'engaged', seconds: number): string {
  return `${length}From${seconds}`
}

/** A view as it is tallied by itself, and what it was in its session. */
export interface ViewItem {
  began_at: number
  site: string
  path: string
  page_group: string
  device: string
  is_bot: number
  view_id: string
  session_id: string
  weight: number
  visible_ms: number
  engaged_ms: number
  visible_bucket: number
  engaged_bucket: number
  threshold: number
  /** 0 or 1 by `factName`. */
  [fact: `fact_${string}`]: number
  /** Whether its session came to the page for the first time. */
  is_first: boolean
  next_path: string | undefined
}

const IN_SESSION = '(PARTITION BY session_id ORDER BY began_at, view_id)'

/** Whether its session had not come to the page before the range: few sessions began before it and went on in it. */
function isNew({ sessionVersions, newestViews }: Dialect): string {
  const began = `started_at >= :from - ${LONGEST_SESSION_MS} AND started_at < :from`
  const goesOn = `${began} AND last_activity_at >= :from - ${HOUR_MS}` // a view may begin some time after the last activity
  const near = `began_at >= :from - ${LONGEST_SESSION_MS} AND began_at < :from + ${LONGEST_SESSION_MS}`
  const known = newestViews(`session_id IN (SELECT session_id FROM ${sessionVersions} WHERE ${goesOn}) AND ${near}`)
  // As one text, ids being of one length: of pairs SQLite compares each with all others.
  return `(session_id || path) NOT IN (SELECT session_id || path FROM ${known} WHERE began_at < :from)`
}

const SITES = ['site', 'device'] as const
const PAGES = ['page', 'page-device'] as const
const EVERYWHERE = { shelf: 'view', levels: [...SITES, ...PAGES] } as const
const ON_PAGES = { shelf: 'view', levels: PAGES } as const

/** What views say together. Sums and histograms are weighted. */
export const VIEW_PARTS = {
  /** `views`, `weight`, `visibleMs`, `engagedMs` and the histogram `visible`. */
  visible: summed(
    { visible_bucket: 'visible_bucket' },
    {
      amount: '1',
      weight_sum: 'weight',
      visible_sum: 'visible_ms * weight',
      engaged_sum: 'engaged_ms * weight',
    },
    {
      add(tally, row) {
        add(tally, 'views', row.amount)
        add(tally, 'weight', row.weight_sum)
        add(tally, 'visibleMs', row.visible_sum)
        add(tally, 'engagedMs', row.engaged_sum)
        addTo(tally, 'visible', row.visible_bucket, row.weight_sum)
      },
      addOne(tally, { visible_bucket, weight, visible_ms, engaged_ms }: ViewItem) {
        add(tally, 'views', 1)
        add(tally, 'weight', weight)
        add(tally, 'visibleMs', visible_ms * weight)
        add(tally, 'engagedMs', engaged_ms * weight)
        addTo(tally, 'visible', visible_bucket, weight)
      },
      columns: { numbers: ['views', 'weight', 'visibleMs', 'engagedMs'], bins: ['visible'] },
      ...EVERYWHERE,
    },
  ),
  /** The histogram `engaged`. */
  engaged: summed(
    { engaged_bucket: 'engaged_bucket' },
    { weight_sum: 'weight' },
    {
      add: (tally, row) => addTo(tally, 'engaged', row.engaged_bucket, row.weight_sum),
      addOne: (tally, { engaged_bucket, weight }: ViewItem) => addTo(tally, 'engaged', engaged_bucket, weight),
      columns: { bins: ['engaged'] },
      ...EVERYWHERE,
    },
  ),
  /** `thresholdViews` and `thresholdWeight`, by the highest threshold that was reached. */
  thresholds: summed(
    { threshold: 'threshold' },
    { amount: '1', weight_sum: 'weight' },
    {
      add(tally, row) {
        addTo(tally, 'thresholdViews', row.threshold, row.amount)
        addTo(tally, 'thresholdWeight', row.threshold, row.weight_sum)
      },
      addOne(tally, { threshold, weight }: ViewItem) {
        addTo(tally, 'thresholdViews', threshold, 1)
        addTo(tally, 'thresholdWeight', threshold, weight)
      },
      ...EVERYWHERE,
    },
  ),
  /** By `survivalName`: the weight of what lasted at least so many seconds. */
  survival: summed(
    {},
    Object.fromEntries(
      SURVIVALS.map(({ length, ms, column }) => [column, `CASE WHEN ${length} >= ${ms} THEN weight ELSE 0 END`]),
    ),
    {
      add(tally, row) {
        for (const { name, column } of SURVIVALS) add(tally, name, row[column])
      },
      addOne(tally, view: ViewItem) {
        for (const { name, length, ms } of SURVIVALS) if (view[length] >= ms) add(tally, name, view.weight)
      },
      ...EVERYWHERE,
    },
  ),
  /** By `factName`: how many of each. */
  facts: facts(VIEW_FACTS, EVERYWHERE),
  /** `pathViews` and `pathEngagedMs`, by path. So that nobody reads every page to find out which are the first. */
  paths: summed(
    { path: 'path' },
    { amount: '1', engaged_sum: 'engaged_ms * weight' },
    {
      add(tally, row) {
        addTo(tally, 'pathViews', row.path, row.amount)
        addTo(tally, 'pathEngagedMs', row.path, row.engaged_sum)
      },
      addOne(tally, { path, engaged_ms, weight }: ViewItem) {
        addTo(tally, 'pathViews', path, 1)
        addTo(tally, 'pathEngagedMs', path, engaged_ms * weight)
      },
      shelf: 'path',
      levels: SITES,
    },
  ),
  /** `sessions`: each counts once on a page, where it came there first. */
  sessions: {
    asked: (dialect) => ({
      by: {},
      sums: { weight_sum: 'weight' },
      only: `row_number() OVER (PARTITION BY session_id, path ORDER BY began_at, view_id) = 1 AND ${isNew(dialect)}`,
      isOfSessions: true,
    }),
    add: (tally, row) => add(tally, 'sessions', row.weight_sum),
    addOne: (tally, { is_first, weight }: ViewItem) => add(tally, 'sessions', is_first ? weight : 0),
    columns: { numbers: ['sessions'] },
    ...ON_PAGES,
  },
  /** `next`: weight by the path that the session went on to. */
  next: {
    asked: () => ({
      by: { next_path: `lead(path) OVER ${IN_SESSION}` },
      sums: { weight_sum: 'weight' },
      only: `lead(1) OVER ${IN_SESSION} = 1`,
      isOfSessions: true,
    }),
    add: (tally, row) => addTo(tally, 'next', row.next_path, row.weight_sum),
    addOne(tally, { next_path, weight }: ViewItem) {
      if (next_path !== undefined) addTo(tally, 'next', next_path, weight)
    },
    columns: { bins: ['next'] },
    ...ON_PAGES,
  },
} satisfies Record<string, Part>
