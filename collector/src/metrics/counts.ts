import type { ViewRecord } from 'dwelltime/protocol'
import type { Count, KeptSession } from '../store/store.ts'
import { type Buckets, DEFAULT_BUCKETS, type HistogramName } from './catalogue.ts'

/** How things are counted; the same in every process on one store. */
export interface CountingRules {
  /** Upper bounds in seconds. */
  buckets: Buckets
  /** The values of `page_group` beside `other`; pages may name any group. */
  pageGroups: readonly string[]
  /** The values of `shell_type` beside the SDK's own two and `Other`. */
  shellTypes: readonly string[]
}

export const DEFAULT_RULES: CountingRules = { buckets: DEFAULT_BUCKETS, pageGroups: [], shellTypes: [] }

/** `client` is free text on the wire; labels come from here and the settings alone. */
export const SHELL_TYPES = ['ScriptTag', 'NpmModule']

type Component = Pick<KeptSession, 'componentName'>

export function sessionStarted(
  { componentName, client }: Pick<KeptSession, 'componentName' | 'client'>,
  { shellTypes }: CountingRules,
): Count {
  const shell_type = [...SHELL_TYPES, ...shellTypes].includes(client) ? client : 'Other'
  return { name: 'session_start_total', labels: { component_name: componentName, shell_type }, value: 1 }
}

/** One end, and the duration as known then; later amendments are in the reports. */
export function sessionEnded(
  { componentName, status, durationMs }: Pick<KeptSession, 'componentName' | 'status' | 'durationMs'>,
  { buckets }: CountingRules,
): Count[] {
  const component_name = componentName
  return [
    { name: 'session_end_total', labels: { component_name, status }, value: 1 },
    ...observed('session_duration_seconds', { component_name }, durationMs, buckets),
  ]
}

export const timeOpen = ({ componentName }: Component, ms: number): Count => ({
  name: 'session_duration_seconds_total',
  labels: { component_name: componentName },
  value: ms / 1000,
})

export const sessionAmended = ({ componentName }: Component): Count => ({
  name: 'session_amended_total',
  labels: { component_name: componentName },
  value: 1,
})

/** A view that is over, with labels that were made sure of. */
export function viewEnded(
  labels: { component_name: string; page_group: string },
  { visibleMs, engagedMs }: Pick<ViewRecord, 'visibleMs' | 'engagedMs'>,
  { buckets }: CountingRules,
): Count[] {
  return [
    ...observed('page_visible_seconds', labels, visibleMs, buckets),
    ...observed('page_engaged_seconds', labels, engagedMs, buckets),
  ]
}

export const seriesLimitReached = (label: string): Count => ({
  name: 'dwelltime_series_limit_reached_total',
  labels: { label },
  value: 1,
})

/** Of a bucket only what fell into it is saved; the exposition adds them up. */
function observed(name: HistogramName, labels: Count['labels'], ms: number, buckets: Buckets): Count[] {
  const seconds = ms / 1000
  const le = String(buckets[name].find((bound) => seconds <= bound) ?? '+Inf')
  const scheme = bucketScheme(name, buckets)
  return [
    { name: `${name}_bucket`, labels: { ...labels, ...scheme, le }, value: 1 },
    { name: `${name}_sum`, labels: { ...labels, ...scheme }, value: seconds },
  ]
}

/** Other bounds begin a histogram of their own: what was observed before cannot be divided anew. */
export function bucketScheme(name: HistogramName, buckets: Buckets): { bounds?: string } {
  const bounds = buckets[name].join()
  return bounds === DEFAULT_BUCKETS[name].join() ? {} : { bounds }
}
