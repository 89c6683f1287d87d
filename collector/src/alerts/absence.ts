import { question } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import { alertFact } from './evaluate.ts'
import { type AbsenceRule, MAX_ABSENCE_DAYS } from './rules.ts'

const DAY_MS = 24 * 60 * 60 * 1000

interface AbsentRow {
  session_id: string
  component_name: string
  user_id: string | null
  visitor_id: string | null
  started_at: number
  ended_at: number
}

/** Notes whoever has not come for as long as the rule says, once for each absence. */
export async function noteAbsences(store: Store, rule: AbsenceRule, now: number): Promise<void> {
  const rows = await store.read<AbsentRow>(ABSENT, {
    site: rule.site,
    lastTo: now - rule.inactiveFor * DAY_MS,
    lastFrom: now - (MAX_ABSENCE_DAYS + rule.inactiveFor) * DAY_MS,
  })
  for (const row of rows) {
    const { session_id: sessionId, user_id: userId, visitor_id: visitorId, ...rest } = row
    const session = {
      ...{ sessionId, userId, visitorId, startedAt: rest.started_at, endedAt: now },
      ...({ status: 'success', componentName: rest.component_name } as const),
    }
    const value = Math.floor((now - rest.ended_at) / DAY_MS)
    // The absence begins with their last session, whatever is learned of that later.
    await store.addFact(alertFact({ rule, type: 'absent', value, about: sessionId, session }))
  }
}

const ABSENT = question(
  () => `
    SELECT session_id, component_name, user_id, visitor_id, started_at, ended_at
    FROM sessions
    JOIN (
      SELECT person AS absent, max(ended_at) AS last_at FROM sessions
      WHERE site = :site AND person <> '' AND ended_at >= :lastFrom GROUP BY person
    ) AS last ON person = absent AND ended_at = last_at
    WHERE site = :site AND last_at <= :lastTo AND status <> 'open'
    ORDER BY ended_at, session_id LIMIT 1000`,
)
