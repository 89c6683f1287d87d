import { createTurns } from '../../in-turn.ts'
import { type KeptRow, keptBefore, keptColumns, SESSION_COLUMNS, sessionValues } from '../session-row.ts'
import type { ChangedSession, Count, Fact, Keeping, KeptSession } from '../store.ts'
import { receivedView, VIEW_COLUMNS, type ViewRow } from '../view-row.ts'
import type { ClickHouseDatabase } from './database.ts'
import { createFactRows, factRow } from './facts.ts'
import type { prepareSaves } from './saves.ts'

/** How far back the log is read again: a record may be logged well before it can be seen. In microseconds. */
export const OVERLAP_US = 120_000_000

const ANOTHER_KEEPS = 'another collector keeps now'

/** A session that the keeper has to look at. Its position is this process's own. */
interface Pending {
  position: number
  seqSum: string
  loggedAt: number
}

/** What the keeper reads and saves. To whoever is not the keeper nothing has changed. */
export function prepareChanges(database: ClickHouseDatabase, { isOurs, save }: ReturnType<typeof prepareSaves>) {
  const factRows = createFactRows(database)
  const pending = new Map<string, Pending>()
  let lastPosition = 0
  let loggedTo: number | undefined

  /** What is read in one step is what the next one relies on. */
  const inTurn = createTurns()

  async function resume(): Promise<number> {
    if (loggedTo !== undefined) return loggedTo
    const [row] = await database.read<{ value: number | null }>(
      `SELECT max(value) AS value FROM kept WHERE kind = 'position'`,
    )
    loggedTo = row!.value ?? 0
    return loggedTo
  }

  function startOver(): void {
    pending.clear()
    loggedTo = undefined
  }

  /** Notes every session whose views are not those that it was kept with; false if that is another one's business. */
  async function poll(): Promise<boolean> {
    const ours = await isOurs()
    if (ours !== 'still') startOver()
    if (ours === 'no') return false
    const since = (await resume()) - OVERLAP_US
    const rows = await database.read<{ session_id: string; seq_sum: string; logged_at: number }>(CHANGED, { since })
    for (const { session_id, seq_sum, logged_at } of rows) {
      loggedTo = Math.max(loggedTo!, logged_at)
      if (pending.get(session_id)?.seqSum === seq_sum) continue
      pending.delete(session_id)
      pending.set(session_id, { position: ++lastPosition, seqSum: seq_sum, loggedAt: logged_at })
    }
    return true
  }

  async function viewsOf(sessionIds: readonly string[]): Promise<Map<string, ViewRow[]>> {
    const rows = await database.read<ViewRow & { session_id: string }>(
      `SELECT session_id, ${VIEW_COLUMNS} FROM views PREWHERE ${IN_LIST}`,
      { sessionIds: JSON.stringify(sessionIds) },
    )
    const views = new Map<string, ViewRow[]>(sessionIds.map((sessionId) => [sessionId, []]))
    for (const { session_id, ...row } of rows) views.get(session_id)!.push(row)
    return views
  }

  async function keptOf(sessionIds: readonly string[]): Promise<Map<string, KeptRow>> {
    const rows = await database.read<KeptRow & { session_id: string }>(
      `SELECT session_id, ${keptColumns('kept')} FROM kept WHERE kind = 'session' AND ${IN_LIST}`,
      { sessionIds: JSON.stringify(sessionIds) },
    )
    return new Map(rows.map((row) => [row.session_id, row]))
  }

  async function counters(names?: readonly string[]): Promise<Count[]> {
    const rows = await database.read<{ name: string; labels: string; value: number }>(
      `SELECT name, labels, value FROM kept
       WHERE kind = 'counter' AND ${names ? `name IN (JSONExtract(:names, 'Array(String)'))` : '1'}
       ORDER BY name, labels`,
      names ? { names: JSON.stringify(names) } : {},
    )
    return rows.map((row) => ({ ...row, labels: JSON.parse(row.labels) }))
  }

  async function keep(keepings: readonly Keeping[]): Promise<number[] | undefined> {
    if (!(await poll())) return undefined
    const current = keepings.filter(({ session, position }) => pending.get(session.sessionId)?.position === position)
    if (current.length === 0) return []
    const sessions = current.map(({ session }) => ({
      ...rowOf(session),
      ...{ kind: 'session', id: session.sessionId, seq_sum: pending.get(session.sessionId)!.seqSum },
    }))
    const counts = await countRows(current.flatMap((keeping) => keeping.counts))
    const facts = await factRows.unknown(current.flatMap((keeping) => keeping.facts))
    for (const { session } of current) pending.delete(session.sessionId)
    const oldest = Math.min(loggedTo!, ...[...pending.values()].map(({ loggedAt }) => loggedAt))
    const isSaved = await save({
      sessionIds: current.map(({ session }) => session.sessionId),
      rows: [
        ...sessions,
        ...counts,
        ...facts.map((fact) => factRow(fact, true)),
        { kind: 'position', id: '', value: oldest },
      ],
    })
    return isSaved ? current.map((keeping) => keeping.position) : undefined
  }

  /** Saves a fact with its counts, or throws. */
  async function saveFact(fact: Fact, isOpen: boolean, counts: readonly Count[]): Promise<void> {
    const rows = [factRow(fact, isOpen), ...(await countRows(counts))]
    if (!(await save({ sessionIds: [fact.sessionId], rows }))) throw new Error(ANOTHER_KEEPS)
  }

  /** The counters that change, as rows with their new values. */
  const countRows = async (counts: readonly Count[]) =>
    added(await counters(), counts).map((count) => ({ ...count, kind: 'counter' }))

  /** A fact that is not saved must not be taken for one that was known. */
  async function mustKeep(): Promise<void> {
    if (!(await poll())) throw new Error(ANOTHER_KEEPS)
  }

  return {
    lastChange: () =>
      inTurn(async () => {
        await poll()
        return pending.size > 0 ? lastPosition : 0
      }),
    changedSessions: (upTo: number, limit: number) =>
      inTurn(async () => {
        await poll()
        const chosen = [...pending].filter(([, { position }]) => position <= upTo).slice(0, limit)
        if (chosen.length === 0) return []
        const sessionIds = chosen.map(([sessionId]) => sessionId)
        const [views, kept] = await Promise.all([viewsOf(sessionIds), keptOf(sessionIds)])
        return chosen.flatMap(([sessionId, { position }]): ChangedSession[] => {
          const before = kept.get(sessionId)
          const rows = views.get(sessionId)!
          if (rows.length === 0) pending.delete(sessionId) // deleted meanwhile, perhaps by another collector
          if (rows.length === 0) return []
          return [{ position, views: rows.map(receivedView), kept: before && keptBefore(before), isRemeasure: false }]
        })
      }),
    markQuiet: (now: number, graceMs: number, limit: number) =>
      inTurn(async () => {
        if (!(await poll())) return []
        const rows = await database.read<{ session_id: string; seq_sum: string }>(QUIET, { now, graceMs })
        const marks = []
        for (const { session_id, seq_sum } of rows.filter((row) => !pending.has(row.session_id)).slice(0, limit)) {
          pending.set(session_id, { position: ++lastPosition, seqSum: seq_sum, loggedAt: loggedTo! })
          marks.push(lastPosition)
        }
        return marks
      }),
    keep: (keepings: readonly Keeping[]) => inTurn(() => keep(keepings)),
    counters,
    addFact: (fact: Fact, counts: readonly Count[] = []) =>
      inTurn(async () => {
        await mustKeep()
        if ((await factRows.unknown([fact])).length === 0) return false
        await saveFact(fact, true, counts)
        return true
      }),
    closeFact: (id: string, counts: readonly Count[] = []) =>
      inTurn(async () => {
        await mustKeep()
        const fact = await factRows.openFact(id)
        if (!fact) return false
        await saveFact(fact, false, counts)
        return true
      }),
    openFacts: factRows.openFacts,
    fact: factRows.fact,
    /** What was deleted is not waited for any more. */
    forget: (sessionIds: readonly string[]) =>
      inTurn(async () => {
        for (const sessionId of sessionIds) pending.delete(sessionId)
      }),
  }
}

function rowOf(session: KeptSession): object {
  const values = sessionValues(session)
  return Object.fromEntries(SESSION_COLUMNS.map((column, at) => [column, values[at]]))
}

/** The counters that change, with their new values. */
function added(saved: readonly Count[], counts: readonly Count[]) {
  const key = ({ name, labels }: Count) => JSON.stringify([name, Object.entries(labels).sort()])
  const values = new Map(saved.map((count) => [key(count), count.value]))
  const changed = new Map<string, Count>()
  for (const count of counts) {
    const value = (values.get(key(count)) ?? 0) + count.value
    values.set(key(count), value)
    changed.set(key(count), { ...count, value })
  }
  return [...changed].map(([id, { name, labels, value }]) => ({
    ...{ id, name, value },
    labels: JSON.stringify(labels, Object.keys(labels).sort()),
  }))
}

const IN_LIST = `session_id IN (JSONExtract(:sessionIds, 'Array(String)'))`

const CHANGED = `
  SELECT log_session AS session_id, seen_sum AS seq_sum, newest_at AS logged_at
  FROM (
    SELECT session_id AS log_session, max(logged_at) AS newest_at FROM ingest_log
    WHERE logged_at > :since GROUP BY session_id
  ) AS logged
  JOIN (
    SELECT session_id AS seen_session, toString(sum(seq)) AS seen_sum FROM views
    WHERE session_id IN (SELECT session_id FROM ingest_log WHERE logged_at > :since)
    GROUP BY session_id
  ) AS seen ON seen_session = log_session
  LEFT JOIN (
    SELECT id AS kept_session, seq_sum AS kept_sum FROM kept
    WHERE kind = 'session' AND id IN (SELECT session_id FROM ingest_log WHERE logged_at > :since)
  ) AS before ON kept_session = log_session
  WHERE seen_sum <> kept_sum
  ORDER BY newest_at, log_session`

const QUIET = `
  SELECT session_id, seq_sum FROM kept
  WHERE kind = 'session' AND status = 'open' AND alive_until <= :now - :graceMs AND alive_until + heartbeat_ms <= :now
  ORDER BY alive_until, session_id LIMIT 10000`
