import type { Fact } from '../store.ts'
import type { ClickHouseDatabase } from './database.ts'

interface Row {
  id: string
  kind: Fact['kind']
  at: number
  session_id: string
  person: string
  body: string
}

const COLUMNS = 'id, fact_kind AS kind, at, session_id, person, body'

/** Facts are rows beside sessions and counters, so that one insert saves all of them or none. */
export function createFactRows(database: ClickHouseDatabase) {
  const one = async (id: string, condition: string) => {
    const [row] = await database.read<Row>(
      `SELECT ${COLUMNS} FROM kept WHERE kind = 'fact' AND id = :id AND ${condition}`,
      { id },
    )
    return row && factOf(row)
  }

  return {
    /** Those that are not stored yet, each once. */
    async unknown(facts: readonly Fact[]): Promise<Fact[]> {
      if (facts.length === 0) return []
      const byId = new Map(facts.map((fact) => [fact.id, fact]))
      const known = await database.read<{ id: string }>(
        `SELECT id FROM kept WHERE kind = 'fact' AND id IN (JSONExtract(:ids, 'Array(String)'))`,
        { ids: JSON.stringify([...byId.keys()]) },
      )
      for (const { id } of known) byId.delete(id)
      return [...byId.values()]
    },
    fact: (id: string) => one(id, '1'),
    openFact: (id: string) => one(id, 'is_open = 1'),
    async openFacts(kind: Fact['kind'], limit: number): Promise<Fact[]> {
      const rows = await database.read<Row>(
        `SELECT ${COLUMNS} FROM kept WHERE kind = 'fact' AND fact_kind = :kind AND is_open = 1
         ORDER BY at, id LIMIT :limit`,
        { kind, limit },
      )
      return rows.map(factOf)
    },
  }
}

export const factRow = ({ id, kind, at, sessionId, person, body }: Fact, isOpen: boolean) => ({
  kind: 'fact',
  id,
  fact_kind: kind,
  at,
  is_open: Number(isOpen),
  session_id: sessionId,
  person,
  body,
})

const factOf = ({ session_id, ...fact }: Row): Fact => ({ ...fact, sessionId: session_id })
