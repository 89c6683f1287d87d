import type Database from 'libsql'
import type { Count, Fact } from '../store.ts'
import { inTransaction } from './transaction.ts'

interface FactRow extends Omit<Fact, 'sessionId'> {
  session_id: string
}

/** What happens once. `insertFact` is for those who are in a transaction already. */
export function prepareFacts(db: Database.Database, addCounts: (counts: readonly Count[]) => void) {
  const insert = db.prepare(`
    INSERT OR IGNORE INTO facts (id, kind, at, session_id, person, body)
    VALUES (:id, :kind, :at, :sessionId, :person, :body)`)
  const close = db.prepare('UPDATE facts SET is_open = 0 WHERE id = :id AND is_open = 1')
  const open = db.prepare(`
    SELECT id, kind, at, session_id, person, body FROM facts
    WHERE kind = :kind AND is_open = 1 ORDER BY at, id LIMIT :limit`)
  const one = db.prepare('SELECT id, kind, at, session_id, person, body FROM facts WHERE id = :id')

  const insertFact = (fact: Fact) => insert.run({ ...fact }).changes === 1
  const withCounts = inTransaction(db, (change: () => boolean, counts: readonly Count[]) => {
    if (!change()) return false
    addCounts(counts)
    return true
  })

  return {
    insertFact,
    async addFact(fact: Fact, counts: readonly Count[] = []) {
      return withCounts(() => insertFact(fact), counts)
    },
    async closeFact(id: string, counts: readonly Count[] = []) {
      return withCounts(() => close.run({ id }).changes === 1, counts)
    },
    async openFacts(kind: Fact['kind'], limit: number) {
      return (open.all({ kind, limit }) as FactRow[]).map(factOf)
    },
    async fact(id: string) {
      const [row] = one.all({ id }) as FactRow[]
      return row && factOf(row)
    },
  }
}

const factOf = ({ session_id, ...fact }: FactRow): Fact => ({ ...fact, sessionId: session_id })
