import { Counter, Gauge, type Metric, Registry } from 'prom-client'
import type { Count } from '../store/store.ts'
import { HEALTH_METRICS, type HistogramName, SESSION_METRICS } from './catalogue.ts'
import { bucketScheme, type CountingRules, SHELL_TYPES } from './counts.ts'

/** What the exposition is made of. */
export interface SavedMetrics {
  counters: readonly Count[]
  /** Each component's quality score, 0..100. */
  quality: ReadonlyMap<string, number>
  rules: CountingRules
  /** These print 0 before anything happened. */
  componentNames: readonly string[]
}

/** The saved counters as a registry, made anew for each scrape: the store is the only place where they live. */
export function savedMetrics({ counters, quality, rules, componentNames }: SavedMetrics): Registry {
  const registry = new Registry()
  const saved = byName([...zeros(componentNames, rules), ...counters])
  const metrics = { ...SESSION_METRICS, ...pick(HEALTH_METRICS, 'dwelltime_series_limit_reached_total') }

  for (const [name, { type, help, labels }] of Object.entries(metrics)) {
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    if (type === 'Histogram') registry.registerMetric(histogram(name as HistogramName, help, saved, rules))
    if (type === 'Counter') {
      const counter = new Counter(options)
      for (const count of saved.get(name) ?? []) counter.inc(count.labels, count.value)
    }
    if (name === 'active_sessions') {
      const active = new Gauge(options)
      for (const { labels, value } of saved.get('session_start_total') ?? []) active.inc(componentOf(labels), value)
      for (const { labels, value } of saved.get('session_end_total') ?? []) active.dec(componentOf(labels), value)
    }
    if (name === 'session_quality_score') {
      const score = new Gauge(options)
      for (const [component_name, value] of quality) score.set({ component_name }, value)
    }
  }
  return registry
}

const componentOf = (labels: Count['labels']) => ({ component_name: labels.component_name ?? '' })

const pick = <T extends object, K extends keyof T>(from: T, key: K) => ({ [key]: from[key] }) as Pick<T, K>

/** Seconds that were added bit by bit are a little beside the sum of their milliseconds, and each order by another bit. */
const toTheMillisecond = (value: number) => Math.round(value * 1000) / 1000

function byName(counts: readonly Count[]): Map<string, Count[]> {
  const named = new Map<string, Count[]>()
  for (const saved of counts) {
    const count = { ...saved, value: toTheMillisecond(saved.value) }
    const same = named.get(count.name)
    if (same) same.push(count)
    else named.set(count.name, [count])
  }
  return named
}

/** Configured sites are there from the start: a rate over a series that appears with its first event misses that one. */
function zeros(componentNames: readonly string[], { shellTypes, buckets }: CountingRules): Count[] {
  const zero = (name: string, labels: Count['labels']): Count => ({ name, labels, value: 0 })
  const bounds = bucketScheme('session_duration_seconds', buckets)
  const limits = ['component_name', 'page_group'].map((label) =>
    zero('dwelltime_series_limit_reached_total', { label }),
  )
  const ofComponents = componentNames.flatMap((component_name) => [
    ...[...SHELL_TYPES, ...shellTypes].map((shell_type) => zero('session_start_total', { component_name, shell_type })),
    ...['success', 'error'].map((status) => zero('session_end_total', { component_name, status })),
    zero('session_duration_seconds_total', { component_name }),
    zero('session_duration_seconds_sum', { component_name, ...bounds }),
  ])
  return [...limits, ...ofComponents]
}

/** prom-client can observe, it cannot take over what was observed before a restart; a registry only calls `get`. */
function histogram(name: HistogramName, help: string, saved: Map<string, Count[]>, rules: CountingRules): Metric {
  const get = async () => ({ name, help, type: 'histogram', values: samples(name, saved, rules) })
  return { name, get } as unknown as Metric
}

interface Observed {
  labels: Count['labels']
  sum: number
  /** How many fell into each bucket, by its bound. */
  buckets: Map<string, number>
}

function samples(name: HistogramName, saved: Map<string, Count[]>, { buckets }: CountingRules) {
  const scheme = bucketScheme(name, buckets).bounds
  const series = new Map<string, Observed>()
  for (const suffix of ['sum', 'bucket']) {
    for (const { labels: all, value } of saved.get(`${name}_${suffix}`) ?? []) {
      const { le = '', bounds, ...labels } = all
      if (bounds !== scheme) continue
      const key = JSON.stringify(Object.entries(labels).sort())
      const observed = series.get(key) ?? { labels, sum: 0, buckets: new Map() }
      series.set(key, observed)
      if (suffix === 'sum') observed.sum += value
      else observed.buckets.set(le, value)
    }
  }
  return [...series.values()].flatMap((observed) => cumulated(name, observed, [...buckets[name].map(String), '+Inf']))
}

/** Every bucket in its order, those still empty as what is below them. */
function cumulated(name: HistogramName, { labels, sum, buckets }: Observed, bounds: readonly string[]) {
  let count = 0
  const cumulative = bounds.map((le) => {
    count += buckets.get(le) ?? 0
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
  })
  return [
    ...cumulative,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
