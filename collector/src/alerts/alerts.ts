import type { Log } from '../log.ts'
import type { EventMetrics } from '../metrics/events.ts'
import type { Fact, KeptSession, ReceivedView, Store } from '../store/store.ts'
import { noteAbsences } from './absence.ts'
import type { Resolve } from './address.ts'
import { isAbsenceRule, type StoredAlert, sessionAlerts } from './evaluate.ts'
import type { AlertRule } from './rules.ts'
import { postWebhook } from './webhook.ts'

/** Tries at once; a receiver that hangs holds up only so many others. */
const AT_ONCE = 10

/** The pause after the first failure, doubling up to the longest, in ms. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60 * 60 * 1000

/** How often is tried: a day and a half. */
const MAX_TRIES = 45

/** Absences are a matter of days. */
const LOOK_FOR_ABSENCES_MS = 10 * 60 * 1000

export interface AlertsOptions {
  store: Store
  now: () => Date
  log: Log
  metrics: Pick<EventMetrics, 'countSuccess' | 'countFailure'>
  rules: readonly AlertRule[]
  secret: string
  isPrivateAllowed: boolean
  resolve?: Resolve
}

export interface Alerts {
  /** What has to be saved with the session. */
  factsOf(session: KeptSession, views: readonly ReceivedView[]): Fact[]
  /** Delivers what is due. */
  deliver(): Promise<void>
}

/** At least once: an alert is stored with its reason, and closed after its receiver took it. */
export function createAlerts(options: AlertsOptions): Alerts {
  const { store, now, log, metrics, rules, secret, isPrivateAllowed, resolve } = options
  const tries = new Map<string, { failed: number; nextAt: number }>()
  const told = new Set<string>()
  let absencesAt = 0

  async function deliverOne(fact: Fact): Promise<void> {
    const { webhook, componentName, alert } = JSON.parse(fact.body) as StoredAlert
    const startedAt = performance.now()
    const delivery = await postWebhook({
      ...{ url: webhook, id: fact.id, body: JSON.stringify(alert), secret, now: now(), isPrivateAllowed },
      ...(resolve && { resolve }),
    })
    if (delivery.ok) {
      metrics.countSuccess(componentName, 'alert', (performance.now() - startedAt) / 1000)
      return close(fact)
    }
    metrics.countFailure(componentName, 'alert', delivery.errorType)
    const failed = (tries.get(fact.id)?.failed ?? 0) + 1
    if (delivery.refused || failed >= MAX_TRIES) {
      tell(webhook, delivery.reason)
      return close(fact)
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failed - 1))
    tries.set(fact.id, { failed, nextAt: now().getTime() + pauseMs })
  }

  async function close({ id }: Fact): Promise<void> {
    await store.closeFact(id)
    tries.delete(id)
  }

  /** Once for each webhook; its path and query may be a secret. */
  function tell(webhook: string, reason: string): void {
    if (told.has(webhook)) return
    told.add(webhook)
    log.warn({ webhook: new URL(webhook).host, reason }, 'a webhook is given up: its alerts are dropped')
  }

  async function lookForAbsences(): Promise<void> {
    const at = now().getTime()
    if (at - absencesAt < LOOK_FOR_ABSENCES_MS) return
    absencesAt = at
    for (const rule of rules.filter(isAbsenceRule)) await noteAbsences(store, rule, at)
  }

  return {
    factsOf: (session, views) => sessionAlerts(rules, session, views),
    async deliver() {
      if (rules.length === 0) return
      await lookForAbsences()
      const open = await store.openFacts('alert', 1_000)
      const due = open.filter(({ id }) => (tries.get(id)?.nextAt ?? 0) <= now().getTime())
      for (let at = 0; at < due.length; at += AT_ONCE) await Promise.all(due.slice(at, at + AT_ONCE).map(deliverOne))
    },
  }
}
