import { Counter, Registry } from 'prom-client'
import type { Outcome } from './store/store.ts'

/** Why a whole body was refused. */
export type BodyFault = 'too_large' | 'content_type' | 'unreadable' | 'envelope' | 'rate' | 'overload' | 'store'

/** Why one record was refused while those beside it went on. */
export type RecordFault = 'invalid' | 'implausible' | 'site' | 'conflict'

/** What this process did with what it received. It starts from 0 with the process, as Prometheus expects. */
export interface Health {
  registry: Registry
  countOutcomes(outcomes: readonly Outcome[]): void
  countRecordFault(fault: RecordFault): void
  countBodyFault(fault: BodyFault): void
}

export function createHealth(): Health {
  const registry = new Registry()
  const registers = [registry]
  const accepted = new Counter({
    name: 'dwelltime_records_accepted_total',
    help: 'Total number of records acknowledged, duplicate and late ones included',
    registers,
  })
  const duplicate = new Counter({
    name: 'dwelltime_records_duplicate_total',
    help: 'Total number of records that were stored already',
    registers,
  })
  const resent = new Counter({
    name: 'dwelltime_records_resent_total',
    help: 'Total number of records that came once more by fetch after a beacon, as they should',
    registers,
  })
  const late = new Counter({
    name: 'dwelltime_records_late_total',
    help: 'Total number of records that came after a newer one of the same view',
    registers,
  })
  const records = new Counter({
    name: 'dwelltime_records_rejected_total',
    help: 'Total number of records refused while those beside them went on',
    labelNames: ['reason'],
    registers,
  })
  const bodies = new Counter({
    name: 'dwelltime_bodies_rejected_total',
    help: 'Total number of posts refused as a whole',
    labelNames: ['reason'],
    registers,
  })

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
  }
}
