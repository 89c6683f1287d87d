import { questionOfEach } from '../store/question.ts'
import type { Parameters, Store } from '../store/store.ts'

/** Some of the people, as a condition on sessions and its parameter. */
export interface People {
  condition: string
  parameters: Parameters
}

export const ALL_PEOPLE: People = { condition: '1 = 1', parameters: {} }

/** So many sessions tell how people are named; of fewer it is no use to ask for halves. */
const ENOUGH = 10_000

/**
 * Those whose sessions these conditions let in, from `:from` to `:to`: undivided only if few. SQLite takes longest to sort by
 * person, and two processes read: each takes half of the people. ClickHouse sorts in many threads as it is.
 */
export async function partsOfPeople(store: Store, conditions: string, parameters: Parameters): Promise<People[]> {
  const middlePerson = questionOfEach({
    sqlite: () => `
      SELECT person FROM (
        SELECT person FROM sessions WHERE ${conditions} AND started_at < (:from + :to) / 2
        ORDER BY started_at DESC LIMIT ${ENOUGH}
      ) ORDER BY person LIMIT 1 OFFSET ${ENOUGH / 2}`,
    clickhouse: () => `SELECT '' AS person WHERE 1 = 0`,
  })
  const [middle] = await store.read<{ person: string }>(middlePerson, parameters)
  if (!middle) return [ALL_PEOPLE]
  const halves = ['person < :middle', 'person >= :middle']
  return halves.map((condition) => ({ condition, parameters: { middle: middle.person } }))
}
