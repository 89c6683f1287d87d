import { createHash } from 'node:crypto'
import type { ViewRecord } from 'dwelltime/protocol'
import type { Fact, KeptSession, ReceivedView } from '../store/store.ts'
import type { AbsenceRule, AlertRule, SessionRule } from './rules.ts'

/** What a webhook is told, as JSON. */
export interface Alert {
  /** The same in every try: whoever was told twice knows it by this. */
  id: string
  type: 'above' | 'below' | 'absent'
  rule: Omit<AlertRule, 'webhook'>
  site: string
  /** Seconds; days of an absence. */
  value: number
  session: { id: string; userId: string | null; visitorId: string | null; startedAt: string; isOpen: boolean }
}

/** What is stored until it is delivered. */
export interface StoredAlert {
  webhook: string
  componentName: string
  alert: Alert
}

export const isAbsenceRule = (rule: AlertRule): rule is AbsenceRule => 'inactiveFor' in rule

/** The alerts that a session gives reason for as it stands; each has the same id whenever it is found again. */
export function sessionAlerts(
  rules: readonly AlertRule[],
  session: KeptSession,
  views: readonly ReceivedView[],
): Fact[] {
  return rules.flatMap((rule) => {
    if (isAbsenceRule(rule) || rule.site !== session.site) return []
    const seconds = secondsOf(rule, session, views)
    if (seconds === undefined) return []
    const isAbove = rule.above !== undefined && seconds > rule.above
    const isBelow = rule.below !== undefined && session.status !== 'open' && seconds < rule.below
    if (!isAbove && !isBelow) return []
    return [alertFact({ rule, type: isAbove ? 'above' : 'below', value: seconds, about: session.sessionId, session })]
  })
}

/** What the rule is about, in seconds; undefined if the session never came by its pages. */
function secondsOf(rule: SessionRule, session: KeptSession, views: readonly ReceivedView[]): number | undefined {
  const { page, metric } = rule
  const ms = { session: session.durationMs, ...clocks(session) }
  if (page === undefined) return ms[metric] / 1000
  const there = views.map((view) => view.record).filter((view) => matchesPage(view.path, page))
  if (there.length === 0) return undefined
  if (metric === 'session') return ms.session / 1000
  return there.reduce((sum, view) => sum + clocks(view)[metric], 0) / 1000
}

const clocks = ({ totalMs, visibleMs, engagedMs }: Pick<ViewRecord, 'totalMs' | 'visibleMs' | 'engagedMs'>) => ({
  total: totalMs,
  visible: visibleMs,
  engaged: engagedMs,
})

/** `*` stands for anything. Never a RegExp: many stars would take for ever. */
export function matchesPage(path: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (!path.startsWith(first)) return false
  if (rest.length === 0) return path === first
  const last = rest.pop()!
  let from = first.length
  for (const part of rest) {
    const at = path.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return path.length - last.length >= from && path.endsWith(last)
}

interface Reason {
  rule: AlertRule
  type: Alert['type']
  value: number
  /** With the rule, what makes the alert the same one. */
  about: string
  session: Pick<
    KeptSession,
    'sessionId' | 'userId' | 'visitorId' | 'startedAt' | 'endedAt' | 'status' | 'componentName'
  >
}

export function alertFact({ rule, type, value, about, session }: Reason): Fact {
  const { webhook, ...told } = rule
  const id = createHash('sha256')
    .update(JSON.stringify([rule, about]))
    .digest('hex')
    .slice(0, 32)
  const { sessionId, userId, visitorId, startedAt, status, componentName } = session
  const alert: Alert = {
    ...{ id, type, rule: told, site: rule.site, value },
    session: {
      id: sessionId,
      userId,
      visitorId,
      startedAt: new Date(startedAt).toISOString(),
      isOpen: status === 'open',
    },
  }
  const stored: StoredAlert = { webhook, componentName, alert }
  return {
    ...{ id, kind: 'alert', at: session.endedAt, sessionId, person: userId || visitorId || '' },
    body: JSON.stringify(stored),
  }
}
