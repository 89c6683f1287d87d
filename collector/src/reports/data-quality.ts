import * as v from 'valibot'
import { question } from '../store/question.ts'
import { factName } from '../tallies/part.ts'
import { SESSION_FACTS } from '../tallies/session-parts.ts'
import { numberAt, type Tally } from '../tallies/tally.ts'
import { VIEW_FACTS } from '../tallies/view-parts.ts'
import { measureSessions, measureViews } from './measure.ts'
import { defineReport } from './report.ts'

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
    const views = (await measureViews(store, filter, ['facts'])).get('')
    const sessions = await measureSessions(store, filter, ['facts'])
    const facts = (of: object, counted: Tally | undefined) =>
      Object.keys(of).map((fact) => ({ fact, amount: numberAt(counted, factName(fact)) }))
    return [...received, ...facts(VIEW_FACTS, views), ...facts(SESSION_FACTS, sessions)]
  },
})
