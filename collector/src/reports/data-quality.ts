import * as v from 'valibot'
import { question } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import { type Conditions, sessionConditions, viewConditions } from './filter.ts'
import { defineReport } from './report.ts'

/** A record that came this long after its last activity was kept by the device and sent by a later visit. */
const LATER_VISIT_MS = 5 * 60 * 1000

/** How far the numbers can be trusted: what was received, refused, repeated, repaired. One row for each fact. */
export const dataQuality = defineReport({
  name: 'data-quality',
  summary: 'What was received, refused and repeated; how it was captured; clocks, bots and sampling',
  canBeLimitedToPages: false,
  entries: {},
  row: v.object({ fact: v.string(), amount: v.number() }),
  async ask(store, _, filter) {
    const intake = await store.read<{ name: string; amount_sum: number }>(
      question(
        () => `
        SELECT name, sum(amount) AS amount_sum FROM intake
        WHERE quarter_at >= :from AND quarter_at < :to ${filter.site === undefined ? '' : 'AND site = :site'}
        GROUP BY name ORDER BY name`,
      ),
      { from: filter.from, to: filter.to, ...(filter.site !== undefined && { site: filter.site }) },
    )
    const received = intake.map(({ name, amount_sum }) => ({ fact: `records_${name}`, amount: amount_sum }))
    const views = await facts(store, VIEW_FACTS, viewConditions(filter, filter))
    const sessions = await facts(store, SESSION_FACTS, sessionConditions(filter, filter))
    return [...received, ...views, ...sessions]
  },
})

/** Each fact as the condition that counts. */
const VIEW_FACTS = {
  from: 'views',
  facts: {
    views: '1 = 1',
    views_captured_at_exit: `via = 'beacon'`,
    views_captured_by_the_browser_later: `via = 'fetchLater'`,
    views_captured_by_a_later_visit: `via = 'fetch' AND received_at - (began_at + total_ms) > ${LATER_VISIT_MS}`,
    views_of_bots: 'is_bot = 1',
    views_with_a_wrong_clock: 'began_at <> started_at',
    views_sampled: 'weight > 1',
  },
}

const SESSION_FACTS = {
  from: 'sessions',
  facts: {
    sessions: '1 = 1',
    sessions_reaped: `end_reason = 'reaped'`,
    sessions_open: `status = 'open'`,
    sessions_with_a_wrong_clock: 'skew_ms <> 0',
    sessions_of_bots: 'is_bot = 1',
  },
}

async function facts(store: Store, { from, facts }: typeof VIEW_FACTS | typeof SESSION_FACTS, asked: Conditions) {
  const counted = Object.entries(facts).map(
    ([fact, condition]) => `count(CASE WHEN ${condition} THEN 1 END) AS ${fact}`,
  )
  const [row] = await store.read<Record<string, number>>(
    question((dialect) => `SELECT ${counted.join(',\n')} FROM ${from} WHERE ${asked.sql(dialect)}`),
    asked.parameters,
  )
  return Object.keys(facts).map((fact) => ({ fact, amount: row![fact]! }))
}
