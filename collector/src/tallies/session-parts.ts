import { bucketOf } from '../log-buckets.ts'
import { grouped, type Part } from './part.ts'
import { add, type Tally, within } from './tally.ts'

/** Each fact about sessions, as the condition that counts. */
export const SESSION_FACTS = {
  sessions: '1 = 1',
  sessions_reaped: `end_reason = 'reaped'`,
  sessions_open: `status = 'open'`,
  sessions_with_a_wrong_clock: 'skew_ms <> 0',
  sessions_of_bots: 'is_bot = 1',
}

const TENTHS = Array.from({ length: 10 }, (_, at) => at)

const histogram = (length: 'visible' | 'engaged'): Part =>
  grouped('sessions', `${length}_bucket`, 'sum(weight) AS weight_sum', (tally, row) =>
    add(within(tally, length), row.grouped_by, row.weight_sum),
  )

/** What the sessions of each campaign or referrer say, under its name. */
const from = (column: 'campaign' | 'referrer', length: 'visible' | 'engaged'): Part => ({
  sql: (_, keys, rows) => `
    SELECT ${keys.columns}, ${column} AS came_from, ${length}_bucket AS bucket, count(*) AS amount,
           sum(weight) AS weight_sum
    FROM sessions
    WHERE ${rows.where}
    GROUP BY ${keys.names}, came_from, bucket`,
  add(tally, row) {
    const source = within(within(tally, column), row.came_from)
    if (length === 'engaged') add(source, 'sessions', row.amount)
    if (length === 'engaged') add(source, 'weight', row.weight_sum)
    add(within(source, length), row.bucket, row.weight_sum)
  },
})

const path = (column: 'entry_path' | 'exit_path', name: string): Part =>
  grouped('sessions', column, 'sum(weight) AS weight_sum', (tally, row) =>
    add(within(tally, name), row.grouped_by, row.weight_sum),
  )

function addSums(tally: Tally, row: Record<string, number>): void {
  add(tally, 'sessions', row.amount!)
  add(tally, 'weight', row.weight_sum!)
  add(tally, 'durationMs', row.duration_sum!)
  add(tally, 'viewCount', row.view_sum!)
  add(within(tally, 'duration'), String(row.bucket), row.weight_sum!)
}

/** What sessions say together. Sums and histograms are weighted. */
export const SESSION_PARTS = {
  /** `ends`: by how they ended `sessions`, `weight`, `durationMs`, `viewCount` and the histogram `duration`. */
  ends: {
    sql: (_, keys, rows) => `
      SELECT ${keys.columns}, coalesce(end_reason, 'open') AS ending, duration_bucket AS bucket, count(*) AS amount,
             sum(weight) AS weight_sum, sum(duration_ms * weight) AS duration_sum, sum(view_count * weight) AS view_sum
      FROM sessions
      WHERE ${rows.where}
      GROUP BY ${keys.names}, ending, bucket`,
    add: (tally, row) => addSums(within(within(tally, 'ends'), row.ending), row),
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
  facts: grouped(
    'sessions',
    '0',
    Object.entries(SESSION_FACTS)
      .map(([fact, condition]) => `count(CASE WHEN ${condition} THEN 1 END) AS ${fact}`)
      .join(', '),
    (tally, row) => {
      for (const fact in SESSION_FACTS) add(within(tally, 'facts'), fact, row[fact])
    },
  ),
  /** `breaks`: by kind `breaks`, `weight`, `totalMs` and the histogram `lengths`. To the second: fewer rows. */
  breaks: {
    sql: (dialect, keys, rows) => `
      SELECT ${keys.names}, kind, length_ms, count(*) AS amount, sum(break_weight) AS weight_sum
      FROM (
        SELECT ${keys.columns}, ${dialect.textAt(0)} AS kind,
               ${dialect.numberAt(2)} - ${dialect.numberAt(2)} % 1000 AS length_ms, weight AS break_weight
        FROM sessions${dialect.eachOf('breaks')}
        WHERE ${rows.where}
      ) AS items
      GROUP BY ${keys.names}, kind, length_ms`,
    add(tally, row) {
      const ofKind = within(within(tally, 'breaks'), row.kind)
      add(ofKind, 'breaks', row.amount)
      add(ofKind, 'weight', row.weight_sum)
      add(ofKind, 'totalMs', row.weight_sum * row.length_ms)
      add(within(ofKind, 'lengths'), String(bucketOf(row.length_ms)), row.weight_sum)
    },
  },
  /** `tenths`: engaged time in each tenth of the sessions; `tenthMs`: how long such a tenth was. */
  tenths: {
    sql: (dialect, keys, rows) => `
      SELECT ${keys.columns}, sum(duration_ms * weight) AS duration_sum,
             ${TENTHS.map((at) => `sum(${dialect.numberIn('tenths', at)} * weight) AS tenth_sum_${at}`)}
      FROM sessions
      WHERE ${rows.where}
      GROUP BY ${keys.names}`,
    add(tally, row) {
      add(tally, 'tenthMs', row.duration_sum / 10)
      for (const at of TENTHS) add(within(tally, 'tenths'), String(at), row[`tenth_sum_${at}`])
    },
  },
} satisfies Record<string, Part>
