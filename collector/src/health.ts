import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { HEALTH_METRICS } from './metrics/catalogue.ts'
import type { Outcome } from './store/store.ts'

/** Why a whole body was refused. */
const BODY_FAULTS = ['too_large', 'content_type', 'unreadable', 'envelope', 'rate', 'overload', 'store'] as const
export type BodyFault = (typeof BODY_FAULTS)[number]

/** Why one record was refused while those beside it went on. */
const RECORD_FAULTS = ['invalid', 'implausible', 'site', 'conflict'] as const
export type RecordFault = (typeof RECORD_FAULTS)[number]

/** What this process did with what it received. It starts from 0 with the process, as Prometheus expects. */
export interface Health {
  registry: Registry
  countOutcomes(outcomes: readonly Outcome[]): void
  countRecordFault(fault: RecordFault): void
  countBodyFault(fault: BodyFault): void
  /** Observes how long it takes until what was appended is durable. */
  timeAppend<T>(run: () => Promise<T>): Promise<T>
  setLiveClients(clients: number): void
  countLiveClientDropped(): void
}

/** In seconds: from an SSD's commit to a disk that others keep busy. */
const APPEND_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createHealth(): Health {
  const registry = new Registry()
  const registers = [registry]
  const optionsOf = (name: keyof typeof HEALTH_METRICS) => {
    const { help, labels } = HEALTH_METRICS[name]
    return { name, help, labelNames: [...labels], registers }
  }
  const accepted = new Counter(optionsOf('dwelltime_records_accepted_total'))
  const duplicate = new Counter(optionsOf('dwelltime_records_duplicate_total'))
  const resent = new Counter(optionsOf('dwelltime_records_resent_total'))
  const late = new Counter(optionsOf('dwelltime_records_late_total'))
  const records = new Counter(optionsOf('dwelltime_records_rejected_total'))
  const bodies = new Counter(optionsOf('dwelltime_bodies_rejected_total'))
  const append = new Histogram({ ...optionsOf('dwelltime_store_append_seconds'), buckets: APPEND_BUCKETS })
  const liveClients = new Gauge(optionsOf('dwelltime_live_clients'))
  const liveClientsDropped = new Counter(optionsOf('dwelltime_live_clients_dropped_total'))

  // A rate over a series that appears with its first event misses that one.
  for (const reason of RECORD_FAULTS) records.inc({ reason }, 0)
  for (const reason of BODY_FAULTS) bodies.inc({ reason }, 0)

  return {
    registry,
    countOutcomes(outcomes) {
      for (const outcome of outcomes) {
        if (outcome === 'conflict') {
          records.inc({ reason: 'conflict' })
          continue
        }
        accepted.inc()
        if (outcome === 'duplicate') duplicate.inc()
        if (outcome === 'resent') resent.inc()
        if (outcome === 'late') late.inc()
      }
    },
    countRecordFault: (reason) => records.inc({ reason }),
    countBodyFault: (reason) => bodies.inc({ reason }),
    async timeAppend(run) {
      const observe = append.startTimer()
      try {
        return await run()
      } finally {
        observe()
      }
    },
    setLiveClients: (clients) => liveClients.set(clients),
    countLiveClientDropped: () => liveClientsDropped.inc(),
  }
}
