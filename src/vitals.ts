import type { MetricType } from 'web-vitals'
import { askForVitals, hearVitals } from './browser/web-vitals.ts'
import type { Instant } from './core/time.ts'
import type { Extensible, Host } from './extend.ts'

/**
 * Have the Web Vitals LCP, INP, CLS, FCP and TTFB in the records of the views that they belong to, as `vitals`: the page's
 * first view, one that was restored from the back/forward cache, and where the browser knows soft navigations (Chromium
 * 151) that of the route. web-vitals cannot be stopped: its observers stay, also when the tracker has stopped.
 */
export function vitals(dwell: Extensible): void {
  dwell.extend(createVitals)
}

function createVitals({ scope, around }: Host): void {
  let stop = () => {}
  askForVitals()
  around((meter, { at }, after) => {
    const url = location.href
    const values: Record<string, number> = {}
    stop()
    stop = hearVitals((metric) => {
      if (isOf(metric, url, after, at)) values[metric.name.toLowerCase()] = round(metric)
    })
    return {
      ...meter,
      read: () => Object.assign(meter.read(), { vitals: Object.keys(values)[0] && { ...values } }),
    }
  })
  scope.signal.addEventListener('abort', () => stop())
}

/**
 * Whether the view at `url` was begun by the navigation that `metric` is about: this had begun when the view did, `at`,
 * and not yet when the view before it did.
 */
function isOf(metric: MetricType, url: string, after: Instant, at: Instant): boolean {
  const { navigationType, navigationURL, navigationStartTime: since = 0 } = metric
  // The view's start is rounded.
  return since > after && since <= at + 1 && (navigationType !== 'soft-navigation' || navigationURL === url)
}

/** Milliseconds are whole; of the unitless CLS four digits say enough. */
function round({ name, value }: MetricType): number {
  const unit = name === 'CLS' ? 1e4 : 1
  return Math.round(value * unit) / unit
}
