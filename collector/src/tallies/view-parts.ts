import type { Part } from './part.ts'
import { grouped } from './part.ts'
import { add, within } from './tally.ts'

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
  (['visible', 'engaged'] as const).map((length) => ({ length, seconds, column: `${length}_from_${seconds}` })),
)

/** What views say together. Sums and histograms are weighted. */
export const VIEW_PARTS = {
  /** `views`, `weight`, `visibleMs`, `engagedMs` and the histogram `visible`. */
  visible: grouped(
    'views',
    'visible_bucket',
    `count(*) AS amount, sum(weight) AS weight_sum, sum(visible_ms * weight) AS visible_sum,
     sum(engaged_ms * weight) AS engaged_sum`,
    (tally, row) => {
      add(tally, 'views', row.amount)
      add(tally, 'weight', row.weight_sum)
      add(tally, 'visibleMs', row.visible_sum)
      add(tally, 'engagedMs', row.engaged_sum)
      add(within(tally, 'visible'), row.grouped_by, row.weight_sum)
    },
  ),
  /** The histogram `engaged`. */
  engaged: grouped('views', 'engaged_bucket', 'sum(weight) AS weight_sum', (tally, row) =>
    add(within(tally, 'engaged'), row.grouped_by, row.weight_sum),
  ),
  /** `thresholds`: by the highest one reached, `views` and `weight`. */
  thresholds: grouped('views', 'threshold', 'count(*) AS amount, sum(weight) AS weight_sum', (tally, row) => {
    const reached = within(within(tally, 'thresholds'), row.grouped_by)
    add(reached, 'views', row.amount)
    add(reached, 'weight', row.weight_sum)
  }),
  /** `visibleFrom` and `engagedFrom`: the weight of what lasted at least so many seconds. */
  survival: grouped(
    'views',
    '0',
    SURVIVALS.map(
      ({ length, seconds, column }) =>
        `sum(CASE WHEN ${length}_ms >= ${seconds * 1000} THEN weight ELSE 0 END) AS ${column}`,
    ).join(', '),
    (tally, row) => {
      for (const { length, seconds, column } of SURVIVALS) {
        add(within(tally, `${length}From`), String(seconds), row[column])
      }
    },
  ),
  /** `facts`: how many of each. */
  facts: grouped(
    'views',
    '0',
    Object.entries(VIEW_FACTS)
      .map(([fact, condition]) => `count(CASE WHEN ${condition} THEN 1 END) AS ${fact}`)
      .join(', '),
    (tally, row) => {
      for (const fact in VIEW_FACTS) add(within(tally, 'facts'), fact, row[fact])
    },
  ),
  /** `sessions`: each counts once on a page, where it came there first. */
  sessions: {
    sql: (_, keys, rows) => `
      SELECT ${keys.names}, sum(weight) AS weight_sum
      FROM (
        SELECT ${keys.columns}, weight, CASE WHEN ${rows.where} THEN 1 ELSE 0 END AS is_asked,
               row_number() OVER (PARTITION BY session_id, path ORDER BY began_at, view_id) AS place
        FROM views
        WHERE ${rows.whereSessions}
      ) AS visits
      WHERE place = 1 AND is_asked = 1
      GROUP BY ${keys.names}`,
    add: (tally, row) => add(tally, 'sessions', row.weight_sum),
  },
  /** `next`: weight by the path that the session went on to. */
  next: {
    sql: (_, keys, rows) => `
      SELECT ${keys.names}, next_path, sum(weight) AS weight_sum
      FROM (
        SELECT ${keys.columns}, weight, CASE WHEN ${rows.where} THEN 1 ELSE 0 END AS is_asked,
               lead(path) OVER (PARTITION BY session_id ORDER BY began_at, view_id) AS next_path,
               lead(1) OVER (PARTITION BY session_id ORDER BY began_at, view_id) AS has_next
        FROM views
        WHERE ${rows.whereSessions}
      ) AS steps
      WHERE has_next = 1 AND is_asked = 1
      GROUP BY ${keys.names}, next_path`,
    add: (tally, row) => add(within(tally, 'next'), row.next_path, row.weight_sum),
  },
} satisfies Record<string, Part>
