import type { ReportRow } from '../../src/client.ts'

export type Stretch = ReportRow<'timeline'>

export const KINDS = ['engaged', 'idle', 'unfocused', 'hidden', 'suspended'] as const

/** One view of the session as bars on the common axis, whose length is 1. */
export interface Lane {
  viewId: string
  path: string
  fromAt: number
  toAt: number
  /** ms of each kind. */
  lengths: Record<string, number>
  bars: { kind: string; x: number; width: number; fromAt: number; toAt: number }[]
}

export interface Timeline {
  fromAt: number
  toAt: number
  lanes: Lane[]
}

/** Shorter ones would not be seen. */
const THINNEST = 0.0015

/** The views of a session in order, each stretch at its place. Undefined where there is none. */
export function timelineOf(stretches: readonly Stretch[]): Timeline | undefined {
  if (stretches.length === 0) return undefined
  const fromAt = Math.min(...stretches.map((stretch) => stretch.fromAt))
  const toAt = Math.max(...stretches.map((stretch) => stretch.toAt))
  const whole = Math.max(1, toAt - fromAt)
  const lanes = new Map<string, Lane>()
  for (const stretch of stretches) {
    const { viewId, path, kind } = stretch
    const lane = lanes.get(viewId) ?? {
      ...{ viewId, path, lengths: {}, bars: [] },
      ...{ fromAt: stretch.fromAt, toAt: stretch.toAt },
    }
    lanes.set(viewId, lane)
    lane.fromAt = Math.min(lane.fromAt, stretch.fromAt)
    lane.toAt = Math.max(lane.toAt, stretch.toAt)
    const lengthMs = stretch.toAt - stretch.fromAt
    lane.lengths[kind] = (lane.lengths[kind] ?? 0) + lengthMs
    lane.bars.push({
      ...{ kind, fromAt: stretch.fromAt, toAt: stretch.toAt },
      x: (stretch.fromAt - fromAt) / whole,
      width: Math.max(THINNEST, lengthMs / whole),
    })
  }
  return { fromAt, toAt, lanes: [...lanes.values()].sort((a, b) => a.fromAt - b.fromAt) }
}

/** Round instants from the beginning on, in ms, for an axis of that length: four to eight of them. */
export function ticksFor(lengthMs: number): number[] {
  const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400]
  const step = (seconds.find((each) => lengthMs / (each * 1_000) <= 8) ?? 604_800) * 1_000
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, at) => at * step)
}
