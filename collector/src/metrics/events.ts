import { Counter, Histogram, Registry } from 'prom-client'
import { type Buckets, EVENT_METRICS } from './catalogue.ts'

/** What is told to subscribers. `other`: it said that it was none of these. */
export type EventType = 'session_start' | 'session_stats' | 'session_end' | 'alert' | 'other'

/** What became of events: from 0 with the process, as Prometheus expects. */
export interface EventMetrics {
  registry: Registry
  countSuccess(componentName: string, eventType: EventType, seconds: number): void
  countFailure(componentName: string, eventType: EventType, errorType: string): void
}

export function createEventMetrics(buckets: Buckets): EventMetrics {
  const registry = new Registry()
  const optionsOf = (name: keyof typeof EVENT_METRICS) => {
    const { help, labels } = EVENT_METRICS[name]
    return { name, help, labelNames: [...labels], registers: [registry] }
  }
  const successes = new Counter(optionsOf('mcp_event_emit_success_total'))
  const failures = new Counter(optionsOf('mcp_event_emit_failure_total'))
  const name = 'mcp_event_emit_duration_seconds'
  const durations = new Histogram({ ...optionsOf(name), buckets: [...buckets[name]] })

  return {
    registry,
    countSuccess(component_name, event_type, seconds) {
      successes.inc({ component_name, event_type })
      durations.observe({ component_name, event_type }, seconds)
    },
    countFailure: (component_name, event_type, error_type) => failures.inc({ component_name, event_type, error_type }),
  }
}
