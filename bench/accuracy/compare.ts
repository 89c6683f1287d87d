import type { Measured } from './stage.ts'

export const CLOCKS = ['total', 'visible', 'engaged'] as const
export type Clock = (typeof CLOCKS)[number]

/** One view of one run: what is stored minus what is true, in ms. */
export interface ViewError {
  path: string
  truth: Record<Clock, number>
  error: Record<Clock, number>
}

export interface Comparison {
  views: ViewError[]
  /** Visible time of all views minus the time that any of them was on screen: over 0, a second was counted twice. */
  sumError: number
  /** What cannot be told in ms: views that are not there, or are too many; faults of the page. */
  faults: string[]
  /** How far the diaries are outside of what the acts say, which is a range; null where those say nothing. */
  actsOff: number | null
}

/** Matches the views by the order in which they began. */
export function compare({ truth, stored, errors, front }: Measured): Comparison {
  const faults = errors.map((error) => `the page: ${error}`)
  // With hashRouting a record's path keeps its fragment.
  const bare = (path: string) => path.split('#')[0]!
  const paths = (views: { path: string }[]) => views.map(({ path }) => bare(path)).join(', ') || 'none'
  if (paths(truth) !== paths(stored)) faults.push(`views stored: ${paths(stored)}; true: ${paths(truth)}`)

  // A view that is missing or too many must not shift all that follow: same path first, in order.
  const rest = [...stored]
  const views = truth.flatMap((view) => {
    const i = rest.findIndex(({ path }) => bare(path) === view.path)
    if (i < 0) return []
    const [found] = rest.splice(i, 1)
    const { totalMs: total, visibleMs: visible, engagedMs: engaged } = view
    return {
      path: view.path,
      truth: { total, visible, engaged },
      error: {
        total: found!.totalMs - total,
        visible: found!.visibleMs - visible,
        engaged: found!.engagedMs - engaged,
      },
    }
  })
  const sum = stored.reduce((ms, { visibleMs }) => ms + visibleMs, 0)
  const inFront = truth.reduce((ms, { visibleMs }) => ms + visibleMs, 0)
  return {
    views,
    sumError: sum - unionOf(truth.flatMap(({ shownSpans }) => shownSpans)),
    faults,
    actsOff: front && Math.round(Math.max(0, front.leastMs - inFront, inFront - front.mostMs)),
  }
}

function unionOf(spans: [number, number][]): number {
  let sum = 0
  let end = 0
  for (const [from, to] of [...spans].sort(([a], [b]) => a - b)) {
    sum += Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
  }
  return Math.round(sum)
}

export const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The one farthest from 0, with its sign. */
export const worst = (values: number[]): number => values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0)
