import { Registry } from 'prom-client'
import type { Resolve } from './alerts/address.ts'
import { createAlerts } from './alerts/alerts.ts'
import type { Health } from './health.ts'
import type { LiveEvent } from './live/event.ts'
import { createHub, type Hub } from './live/hub.ts'
import { createPublisher } from './live/publisher.ts'
import type { Log } from './log.ts'
import { createEventMetrics, type EventType } from './metrics/events.ts'
import { componentNameOf } from './metrics/labels.ts'
import { createQuality } from './metrics/quality.ts'
import { savedMetrics } from './metrics/saved.ts'
import { createSessionTracker } from './session-events/tracker.ts'
import { coalesce } from './sessions/coalesce.ts'
import { type Keeper, type KeptChange, settle } from './sessions/keeper.ts'
import type { AlertsSetting, LiveSetting, MetricsSetting } from './settings.ts'
import type { ReceivedView, Store } from './store/store.ts'

/** How sessions are seen from outside. */
export interface SeenSettings {
  metrics: MetricsSetting
  live: LiveSetting
  alerts: AlertsSetting
  /** Sites that print 0 before anything happened. */
  sites: readonly string[]
  /** For tests: how the names of webhooks are resolved, how often a silent stream says that it lives. */
  resolve?: Resolve
  heartbeatMs?: number
}

export interface SeenOptions extends SeenSettings {
  store: Store
  now: () => Date
  log: Log
  health: Health
}

/** Four views of the same sessions: metrics, the live stream, webhooks, and what other components tell of theirs. */
export interface Seen {
  /** Told by `settle` of everything that became durable. */
  keeper: Keeper
  /** `settle` with this keeper, once for all who ask at the same time. */
  settled(): Promise<void>
  hub: Hub
  tracker: ReturnType<typeof createSessionTracker>
  /** In Prometheus' text format. */
  exposition(): Promise<{ text: string; type: string }>
  /** Told of records that were answered. */
  noteReceived(views: readonly ReceivedView[]): void
  /** What is due because time has passed: figures, ends of components' sessions. */
  tick(): Promise<void>
  /** Tells webhooks what they are to be told. */
  deliver(until?: AbortSignal): Promise<void>
  /** Publishes what is left, and ends every stream. */
  stop(): void
}

const EVENT_TYPES = {
  'session.on_join': 'session_start',
  'session.on_stats': 'session_stats',
  'session.on_leave': 'session_end',
} as const satisfies Record<LiveEvent['name'], EventType>

export function createSeen(options: SeenOptions): Seen {
  const { store, now, log, health, metrics, live, alerts: alerting, sites, resolve, heartbeatMs } = options
  const { rules } = metrics
  const eventMetrics = createEventMetrics(rules.buckets)
  const quality = createQuality(now)
  const publisher = createPublisher(live.stats, now)
  const hub = createHub({ health, maxClients: live.maxClients, ...(heartbeatMs && { heartbeatMs }) })
  const alerts = createAlerts({ store, now, log, metrics: eventMetrics, ...alerting, ...(resolve && { resolve }) })
  const tracker = createSessionTracker({ store, rules, metrics: eventMetrics, emit })

  /** Nothing that goes wrong with subscribers may reach those who count. */
  function emit(events: readonly LiveEvent[]): void {
    const startedAt = performance.now()
    try {
      hub.send(events)
      const seconds = (performance.now() - startedAt) / 1000
      for (const { name, componentName } of events) eventMetrics.countSuccess(componentName, EVENT_TYPES[name], seconds)
    } catch (error) {
      log.error({ err: error }, 'events could not be sent')
      const errorType = (error as Error).name
      for (const { name, componentName } of events)
        eventMetrics.countFailure(componentName, EVENT_TYPES[name], errorType)
    }
  }

  function onKept(changes: readonly KeptChange[]): void {
    for (const { session, endedViews } of changes) {
      for (const view of endedViews) quality.note(session.componentName, view)
    }
    emit(publisher.eventsOf(changes))
  }

  const keeper: Keeper = { rules, factsOf: alerts.factsOf, onKept }
  store.keeper?.tell(onKept)
  return {
    keeper,
    settled: coalesce(() => settle(store, keeper)),
    hub,
    tracker,
    async exposition() {
      const saved = savedMetrics({
        ...{ counters: await store.counters(), quality: quality.scores(), rules },
        componentNames: [...new Set(sites.map(componentNameOf))],
      })
      const registry = Registry.merge([saved, eventMetrics.registry, health.registry])
      return { text: await registry.metrics(), type: registry.contentType }
    },
    noteReceived: publisher.note,
    async tick() {
      emit(publisher.due())
      await tracker.reap(now())
    },
    deliver: alerts.deliver,
    stop() {
      emit(publisher.rest())
      hub.stop()
    },
  }
}
