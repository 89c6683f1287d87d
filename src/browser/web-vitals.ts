import { type MetricType, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'

type Hear = (metric: MetricType) => void

/** Of the page, whatever trackers come and go: web-vitals wants to be asked once, and cannot be stopped. */
const hearers = new Set<Hear>()
const heard = new Map<MetricType['name'], MetricType>()
let isAsked = false

/**
 * Begin to measure, if that has not been done. Listeners that were there before the tracker's have the last values in time
 * for the record that it writes when the page is hidden.
 */
export function askForVitals(): void {
  if (isAsked) return
  isAsked = true
  const hear: Hear = (metric) => {
    heard.set(metric.name, metric)
    for (const run of hearers) run(metric)
  }
  for (const on of [onLCP, onINP, onCLS, onFCP, onTTFB]) on(hear, { reportAllChanges: true, reportSoftNavs: true })
}

/** Hear the last of each metric now, and all that come, until what this answers is called. */
export function hearVitals(hear: Hear): () => void {
  for (const metric of heard.values()) hear(metric)
  hearers.add(hear)
  return () => hearers.delete(hear)
}
