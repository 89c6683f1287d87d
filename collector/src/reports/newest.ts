import { questionOfEach } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import { type Filter, viewConditions } from './filter.ts'

/** How many versions of views are looked at first for each view that is wanted. */
const AMONG = 2

/**
 * So many of the newest views of a filter: asked for in the last part of its range, where they nearly always are; if that
 * has too few, in all of it. SQLite has them in order anyway.
 */
export async function newestViews<Row>(
  store: Store,
  filter: Filter,
  newest: number,
  ask: (range: Pick<Filter, 'from' | 'to'>) => Promise<Row[]>,
): Promise<Row[]> {
  const { sql, parameters } = viewConditions(filter, filter)
  const asked = questionOfEach({
    sqlite: () => 'SELECT :from AS began_at',
    clickhouse: (dialect) => `
      SELECT began_at FROM views WHERE ${sql(dialect)}
      ORDER BY began_at DESC LIMIT 1 OFFSET :among ${dialect.loosely}`,
  })
  const [earliest] = await store.read<{ began_at: number }>(asked, { ...parameters, among: newest * AMONG })
  const from = earliest?.began_at ?? filter.from
  const views = await ask({ from, to: filter.to })
  return views.length < newest && from > filter.from ? ask(filter) : views
}
