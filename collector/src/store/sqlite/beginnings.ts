import type Database from 'libsql'
import { LABEL_SOURCES } from '../../metrics/labels.ts'
import { begin, type Keeper, type KeptChange } from '../../sessions/keeper.ts'
import type { Count, Keeping, ReceivedView } from '../store.ts'

/** What saving needs of the keeper's statements. */
interface Saving {
  save: (keepings: readonly Keeping[]) => void
  countersOf: (names: readonly string[]) => Count[]
}

/**
 * Keeps the sessions that begin with a batch inside the transaction that stores it. Each stored view's session is in
 * `sessions` or in `changed_sessions`; of one that is in neither, there is nothing but what has just come.
 */
export function prepareBeginnings(db: Database.Database, { save, countersOf }: Saving, keeper: Keeper | undefined) {
  const knownAmong = db.prepare(`
    SELECT value AS session_id FROM json_each(?)
    WHERE EXISTS (SELECT 1 FROM sessions WHERE session_id = value)
      OR EXISTS (SELECT 1 FROM changed_sessions WHERE session_id = value)`)

  /** Takes those out of `bySession` that it has kept. */
  function keepNew(bySession: Map<string, ReceivedView[]>): KeptChange[] {
    if (!keeper || bySession.size === 0) return []
    const known = knownAmong.all(JSON.stringify([...bySession.keys()])) as { session_id: string }[]
    const unknown = new Map(bySession)
    for (const { session_id } of known) unknown.delete(session_id)
    if (unknown.size === 0) return []
    const looked = begin([...unknown.values()], countersOf(LABEL_SOURCES), keeper)
    save(looked.map(({ keeping }) => keeping))
    for (const sessionId of unknown.keys()) bySession.delete(sessionId)
    return looked.flatMap(({ change }) => change ?? [])
  }

  return { keepNew, tell: (changes: KeptChange[]) => void (changes.length > 0 && keeper?.onKept?.(changes)) }
}

export type Beginnings = ReturnType<typeof prepareBeginnings>
