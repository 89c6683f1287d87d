import type { Log } from '../log.ts'
import type { EventMetrics } from '../metrics/events.ts'
import type { Fact, KeptSession, ReceivedView, Store } from '../store/store.ts'
import { noteAbsences } from './absence.ts'
import type { Resolve } from './address.ts'
import { isAbsenceRule, type StoredAlert, sessionAlerts } from './evaluate.ts'
import type { AlertRule } from './rules.ts'
import { postWebhook } from './webhook.ts'

/** How many of those that wait are looked at in one round, the oldest first. */
const AT_ONCE = 5_000

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
  /** Delivers what is due; a signal breaks off what is on its way. */
  deliver(until?: AbortSignal): Promise<void>
}

/** At least once: an alert is stored with its reason, and closed after its receiver took it. */
export function createAlerts(options: AlertsOptions): Alerts {
  const { store, now, log, metrics, rules, secret, isPrivateAllowed, resolve } = options
  const tries = new Map<string, { failed: number; nextAt: number }>()
  const told = new Set<string>()
  let absencesAt = 0

  /** Whether the receiver could be reached. */
  async function deliverOne(fact: Fact, until: AbortSignal | undefined): Promise<boolean> {
    const { webhook, componentName, alert } = JSON.parse(fact.body) as StoredAlert
    const startedAt = performance.now()
    const delivery = await postWebhook({
      ...{ url: webhook, id: fact.id, body: JSON.stringify(alert), secret, now: now(), isPrivateAllowed },
      ...(resolve && { resolve }),
      ...(until && { until }),
    })
    if (until?.aborted) return false // whether it was taken nobody knows: it is tried again
    if (delivery.ok) {
      metrics.countSuccess(componentName, 'alert', (performance.now() - startedAt) / 1000)
      await close(fact)
      return true
    }
    metrics.countFailure(componentName, 'alert', delivery.errorType)
    const failed = (tries.get(fact.id)?.failed ?? 0) + 1
    if (delivery.refused || failed >= MAX_TRIES) {
      tell(webhook, delivery.reason)
      await close(fact)
      return true
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failed - 1))
    tries.set(fact.id, { failed, nextAt: now().getTime() + pauseMs })
    return delivery.errorType !== 'NetworkError'
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

  /** One after the other; a receiver that cannot be reached is not asked again for the others now. */
  async function deliverAll(facts: readonly Fact[], until: AbortSignal | undefined): Promise<void> {
    for (const fact of facts) {
      if (until?.aborted || !(await deliverOne(fact, until))) return
    }
  }

  return {
    factsOf: (session, views) => sessionAlerts(rules, session, views),
    async deliver(until) {
      if (rules.length === 0) return
      await lookForAbsences()
      const due = new Map<string, Fact[]>()
      for (const fact of await store.openFacts('alert', AT_ONCE)) {
        if ((tries.get(fact.id)?.nextAt ?? 0) > now().getTime()) continue
        const { webhook } = JSON.parse(fact.body) as StoredAlert
        due.set(webhook, [...(due.get(webhook) ?? []), fact])
      }
      await Promise.all([...due.values()].map((facts) => deliverAll(facts, until)))
    },
  }
}
