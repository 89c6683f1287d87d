import { bucketOf } from '../log-buckets.ts'
import { facts, type Part, summed } from './part.ts'
import { add, addTo, type Tally, within } from './tally.ts'

/** Each fact about sessions, as the condition that counts. */
export const SESSION_FACTS = {
  sessions: '1 = 1',
  sessions_reaped: `end_reason = 'reaped'`,
  sessions_open: `status = 'open'`,
  sessions_with_a_wrong_clock: 'skew_ms <> 0',
  sessions_of_bots: 'is_bot = 1',
}

const TENTHS = Array.from({ length: 10 }, (_, at) => at)

/** A session as it is tallied by itself. */
export interface SessionItem {
  began_at: number
  site: string
  path: ''
  page_group: ''
  device: string
  is_bot: number
  weight: number
  ending: string
  duration_ms: number
  view_count: number
  duration_bucket: number
  visible_bucket: number
  engaged_bucket: number
  campaign: string
  referrer: string
  entry_path: string
  exit_path: string
  /** 0 or 1 by `factName`. */
  [fact: `fact_${string}`]: number
  breaks: [kind: string, fromMs: number, lengthMs: number][]
  tenths: number[]
}

const LEVELS = ['site', 'device'] as const
const IN_SESSIONS = { shelf: 'session', levels: LEVELS } as const

const histogram = (length: 'visible' | 'engaged'): Part =>
  summed(
    { bucket: `${length}_bucket` },
    { weight_sum: 'weight' },
    {
      add: (tally, row) => addTo(tally, length, row.bucket, row.weight_sum),
      addOne: (tally, session: SessionItem) => addTo(tally, length, session[`${length}_bucket`], session.weight),
      ...IN_SESSIONS,
    },
  )

/** What the sessions of each campaign or referrer say, under its name. */
const from = (column: 'campaign' | 'referrer', length: 'visible' | 'engaged'): Part => ({
  asked: () => ({
    by: { came_from: column, bucket: `${length}_bucket` },
    sums: { amount: '1', weight_sum: 'weight' },
  }),
  add(tally, row) {
    const source = within(within(tally, column), row.came_from)
    if (length === 'engaged') add(source, 'sessions', row.amount)
    if (length === 'engaged') add(source, 'weight', row.weight_sum)
    addTo(source, length, row.bucket, row.weight_sum)
  },
  addOne(tally, session: SessionItem) {
    const source = within(within(tally, column), session[column])
    if (length === 'engaged') add(source, 'sessions', 1)
    if (length === 'engaged') add(source, 'weight', session.weight)
    addTo(source, length, session[`${length}_bucket`], session.weight)
  },
  shelf: column,
  levels: LEVELS,
})

const path = (column: 'entry_path' | 'exit_path', name: string): Part =>
  summed(
    { path: column },
    { weight_sum: 'weight' },
    {
      add: (tally, row) => addTo(tally, name, row.path, row.weight_sum),
      addOne: (tally, session: SessionItem) => addTo(tally, name, session[column], session.weight),
      shelf: 'door',
      levels: LEVELS,
    },
  )

function addSums(tally: Tally, row: Record<string, number>): void {
  add(tally, 'sessions', row.amount!)
  add(tally, 'weight', row.weight_sum!)
  add(tally, 'durationMs', row.duration_sum!)
  add(tally, 'viewCount', row.view_sum!)
  addTo(tally, 'duration', row.bucket!, row.weight_sum!)
}

interface Breaks {
  kind: string
  length_ms: number
  amount: number
  weight_sum: number
}

function addBreaks(tally: Tally, { kind, length_ms, amount, weight_sum }: Breaks): void {
  const ofKind = within(within(tally, 'breaks'), kind)
  add(ofKind, 'breaks', amount)
  add(ofKind, 'weight', weight_sum)
  add(ofKind, 'totalMs', weight_sum * length_ms)
  addTo(ofKind, 'lengths', bucketOf(length_ms), weight_sum)
}

/** What sessions say together. Sums and histograms are weighted. */
export const SESSION_PARTS = {
  /** `ends`: by how they ended `sessions`, `weight`, `durationMs`, `viewCount` and the histogram `duration`. */
  ends: {
    asked: () => ({
      by: { ending: `coalesce(end_reason, 'open')`, bucket: 'duration_bucket' },
      sums: {
        amount: '1',
        weight_sum: 'weight',
        duration_sum: 'duration_ms * weight',
        view_sum: 'view_count * weight',
      },
    }),
    add: (tally, row) => addSums(within(within(tally, 'ends'), row.ending), row),
    addOne: (tally, { ending, duration_bucket, weight, duration_ms, view_count }: SessionItem) =>
      addSums(within(within(tally, 'ends'), ending), {
        ...{ bucket: duration_bucket, amount: 1, weight_sum: weight },
        ...{ duration_sum: duration_ms * weight, view_sum: view_count * weight },
      }),
    ...IN_SESSIONS,
  },
  visible: histogram('visible'),
  engaged: histogram('engaged'),
  /** `campaign` and `referrer`: by name `sessions`, `weight`, and the histograms `visible` and `engaged`. */
  campaignEngaged: from('campaign', 'engaged'),
  campaignVisible: from('campaign', 'visible'),
  referrerEngaged: from('referrer', 'engaged'),
  referrerVisible: from('referrer', 'visible'),
  /** `entries` and `exits`: weight by path. */
  entries: path('entry_path', 'entries'),
  exits: path('exit_path', 'exits'),
  /** By `factName`: how many of each. */
  facts: facts(SESSION_FACTS, IN_SESSIONS),
  /** `breaks`: by kind `breaks`, `weight`, `totalMs` and the histogram `lengths`. To the second: fewer rows. */
  breaks: {
    asked: ({ textAt, numberAt }) => ({
      by: { kind: textAt(0), length_ms: `${numberAt(2)} - ${numberAt(2)} % 1000` },
      sums: { amount: '1', weight_sum: 'weight' },
      each: 'breaks',
    }),
    add: (tally, row) => addBreaks(tally, row),
    addOne(tally, { breaks, weight }: SessionItem) {
      for (const [kind, , lengthMs] of breaks) {
        addBreaks(tally, { kind, length_ms: lengthMs - (lengthMs % 1000), amount: 1, weight_sum: weight })
      }
    },
    ...IN_SESSIONS,
  },
  /** `tenths`: engaged time in each tenth of the sessions; `tenthMs`: how long such a tenth was. */
  tenths: {
    asked: ({ numberIn }) => ({
      by: {},
      sums: {
        duration_sum: 'duration_ms * weight',
        ...Object.fromEntries(TENTHS.map((at) => [`tenth_sum_${at}`, `${numberIn('tenths', at)} * weight`])),
      },
    }),
    add(tally, row) {
      add(tally, 'tenthMs', row.duration_sum / 10)
      for (const at of TENTHS) addTo(tally, 'tenths', at, row[`tenth_sum_${at}`])
    },
    addOne(tally, { duration_ms, weight, tenths }: SessionItem) {
      add(tally, 'tenthMs', (duration_ms * weight) / 10)
      for (const at of TENTHS) addTo(tally, 'tenths', at, (tenths[at] ?? 0) * weight)
    },
    ...IN_SESSIONS,
  },
} satisfies Record<string, Part>
