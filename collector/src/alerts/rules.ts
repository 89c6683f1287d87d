import * as v from 'valibot'
import { between, object, oneOf, text } from '../wanted.ts'

/** In seconds: longer than any session. */
const MAX_SECONDS = 31 * 24 * 60 * 60

/** Absences are looked for over this many days back: whoever is gone for longer was told, or was never known. */
export const MAX_ABSENCE_DAYS = 30

export const ALERT_METRICS = ['session', 'visible', 'engaged', 'total'] as const
export type AlertMetric = (typeof ALERT_METRICS)[number]

/** Tells a webhook of a session that was long or short. */
export interface SessionRule {
  site: string
  /** With `*`; only the time on such pages. */
  page?: string
  metric: AlertMetric
  /** Seconds: told as soon as it is exceeded, or at the end. */
  above?: number
  below?: number
  webhook: string
}

/** Tells a webhook of a user who has not come for so many days. */
export interface AbsenceRule {
  site: string
  inactiveFor: number
  webhook: string
}

export type AlertRule = SessionRule | AbsenceRule

const WEBHOOK = 'an http or https URL without a user or password'
const seconds = between(0, MAX_SECONDS)

const rule = v.pipe(
  object({
    site: text(255, 1),
    page: v.exactOptional(text(1024, 1)),
    metric: v.optional(oneOf(ALERT_METRICS), 'session'),
    above: v.exactOptional(seconds),
    below: v.exactOptional(seconds),
    inactiveFor: v.exactOptional(between(1, MAX_ABSENCE_DAYS)),
    webhook: v.pipe(v.string(WEBHOOK), v.check(isWebhook, WEBHOOK)),
  }),
  v.check(
    ({ above, below, inactiveFor }) => [above, below, inactiveFor].filter((limit) => limit !== undefined).length === 1,
    'one of above, below and inactiveFor',
  ),
  v.transform((all): AlertRule => {
    const { inactiveFor, ...session } = all
    return inactiveFor === undefined ? session : { site: all.site, inactiveFor, webhook: all.webhook }
  }),
)

export const alertRules = v.array(rule, 'a list of rules')

function isWebhook(address: string): boolean {
  try {
    const { protocol, username, password } = new URL(address)
    return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
  } catch {
    return false
  }
}
