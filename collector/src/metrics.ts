import { Counter, Gauge, type Metric, Registry } from 'prom-client'
import type { Count, KeptSession } from './store/store.ts'

export const SESSION_STARTS = 'session_start_total'
const SESSION_ENDS = 'session_end_total'
const SESSION_AMENDED = 'session_amended_total'
const SESSION_DURATION = 'session_duration_seconds'
const COMPONENT_NAME_LIMIT = 'dwelltime_component_name_limit_reached_total'

/** Upper bounds in seconds: from a minute to a working day. */
const DURATION_BUCKETS = [60, 300, 900, 1800, 3600, 7200, 14_400, 28_800]

/** `client` is free text on the wire; labels come from here alone. */
const SHELL_TYPES = ['ScriptTag', 'NpmModule']

export const sessionStarted = ({ componentName, client }: KeptSession): Count => ({
  name: SESSION_STARTS,
  labels: { component_name: componentName, shell_type: SHELL_TYPES.includes(client) ? client : 'Other' },
  value: 1,
})

/** One end, and the duration as known then; later amendments are in the reports. */
export function sessionEnded({ componentName, status, durationMs }: KeptSession): Count[] {
  const component_name = componentName
  const seconds = durationMs / 1000
  const reached = DURATION_BUCKETS.filter((bound) => seconds <= bound)
  return [
    { name: SESSION_ENDS, labels: { component_name, status }, value: 1 },
    ...[...reached, '+Inf'].map((bound) => ({
      name: `${SESSION_DURATION}_bucket`,
      labels: { component_name, le: String(bound) },
      value: 1,
    })),
    { name: `${SESSION_DURATION}_sum`, labels: { component_name }, value: seconds },
    { name: `${SESSION_DURATION}_count`, labels: { component_name }, value: 1 },
  ]
}

export const sessionAmended = ({ componentName }: KeptSession): Count => ({
  name: SESSION_AMENDED,
  labels: { component_name: componentName },
  value: 1,
})

export const componentNameLimitReached = (): Count => ({ name: COMPONENT_NAME_LIMIT, labels: {}, value: 1 })

/** The saved counters as a registry, made anew for each scrape: the store is the only place where they live. */
export function sessionMetrics(saved: readonly Count[]): Registry {
  const registry = new Registry()
  const registers = [registry]
  const counter = (name: string, help: string, labelNames: string[]) => {
    const metric = new Counter({ name, help, labelNames, registers })
    for (const { labels, value } of saved.filter((count) => count.name === name)) metric.inc(labels, value)
  }

  counter(SESSION_STARTS, 'Total number of session start events tracked', ['component_name', 'shell_type'])
  counter(SESSION_ENDS, 'Total number of session end events tracked', ['component_name', 'status'])
  registry.registerMetric(durationHistogram(saved))
  const active = new Gauge({
    name: 'active_sessions',
    help: 'Number of currently active sessions',
    labelNames: ['component_name'],
    registers,
  })
  for (const { name, labels, value } of saved) {
    const component_name = labels.component_name ?? ''
    if (name === SESSION_STARTS) active.inc({ component_name }, value)
    if (name === SESSION_ENDS) active.dec({ component_name }, value)
  }
  counter(SESSION_AMENDED, 'Total number of late changes to sessions that had ended', ['component_name'])
  counter(COMPONENT_NAME_LIMIT, 'Total number of sessions counted as other because too many sites were seen', [])
  return registry
}

/** prom-client can observe, it cannot take over what was observed before a restart; a registry only calls `get`. */
function durationHistogram(saved: readonly Count[]): Metric {
  const get = async () => ({
    name: SESSION_DURATION,
    help: 'Session duration in seconds',
    type: 'histogram',
    values: histogramSamples(saved),
  })
  return { name: SESSION_DURATION, get } as unknown as Metric
}

/** Every bucket of every component in its order, those still empty as 0. */
function histogramSamples(saved: readonly Count[]) {
  const values = new Map(saved.map(({ name, labels, value }) => [JSON.stringify([name, labels]), value]))
  const sample = (suffix: string, labels: Count['labels']) => {
    const metricName = `${SESSION_DURATION}_${suffix}`
    return { metricName, labels, value: values.get(JSON.stringify([metricName, labels])) ?? 0 }
  }

  const counts = saved.filter((count) => count.name === `${SESSION_DURATION}_count`)
  return counts.flatMap(({ labels }) => [
    ...[...DURATION_BUCKETS, '+Inf'].map((bound) => sample('bucket', { ...labels, le: String(bound) })),
    sample('sum', labels),
    sample('count', labels),
  ])
}
