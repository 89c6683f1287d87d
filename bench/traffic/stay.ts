import type { Span, SpanKind, ViewRecord } from 'dwelltime/protocol'
import type { Random } from './random.ts'
import type { Page } from './world.ts'

/** What somebody does on a page, one after the other; a suspension takes no place on the page's clocks. */
export type Stretch = readonly [kind: SpanKind | 'suspended', lengthMs: number]

/** The SDK's defaults: what a gap without activity needs to be idle, and what of it counts. */
const IDLE_CREDIT_MS = 5_000
const SHORTEST_IDLE_MS = 25_000

const LONGEST_MS = 40 * 60_000
const MOST_STRETCHES = 24

/** How a page is read: engaged stretches with breaks of every kind between them. */
export function stayOn(page: Page, patience: number, random: Random): Stretch[] {
  let leftMs = Math.min(LONGEST_MS, readingMs(page, patience, random))
  const stretches: Stretch[] = []
  while (stretches.length < MOST_STRETCHES) {
    const engagedMs = Math.min(leftMs, 3_000 + random.logNormal(35_000, 0.8))
    stretches.push(['engaged', engagedMs])
    leftMs -= engagedMs
    if (leftMs < 1_000) break
    stretches.push(breakOf(random))
  }
  if (random.chance(0.3)) stretches.push(['idle', random.logNormal(12_000, 1)])
  if (random.chance(0.2)) stretches.push(['hidden', random.logNormal(45_000, 1.4)])
  return stretches.map(([kind, ms]) => [kind, Math.max(1, Math.round(ms))])
}

function readingMs({ medianMs }: Page, patience: number, random: Random): number {
  if (medianMs === 0) return random.logNormal(8_000, 0.8)
  // Who sees at once that it is not what he looked for.
  if (random.chance(Math.min(0.6, 0.24 / patience))) return random.logNormal(3_500, 0.6)
  return random.logNormal(medianMs * patience, 0.75)
}

function breakOf(random: Random): Stretch {
  const kind = random.pickWeighted<Stretch[0]>([
    ['hidden', 38],
    ['idle', 34],
    ['unfocused', 24],
    ['suspended', 2],
  ])
  if (kind === 'idle') return [kind, SHORTEST_IDLE_MS + random.logNormal(18_000, 1)]
  if (kind === 'unfocused') return [kind, random.logNormal(7_000, 1)]
  // Not for longer than a session outlives it.
  if (kind === 'suspended') return [kind, Math.min(1_500_000, 6_000 + random.logNormal(300_000, 1))]
  return [kind, Math.min(1_500_000, 300 + random.logNormal(20_000, 1.3))]
}

/** Where on the total clock something begins, and how much of wall time has passed by then. */
export interface Moment {
  atMs: number
  wallMs: number
  /** What begins there. */
  kind: Stretch[0] | 'end'
}

export function momentsOf(stretches: readonly Stretch[]): Moment[] {
  const moments: Moment[] = []
  let atMs = 0
  let wallMs = 0
  for (const [kind, lengthMs] of stretches) {
    moments.push({ atMs, wallMs, kind })
    wallMs += lengthMs
    if (kind !== 'suspended') atMs += lengthMs
  }
  return [...moments, { atMs, wallMs, kind: 'end' }]
}

/** The clocks of a view, as far as they had come. */
export type Clocks = Pick<ViewRecord, 'totalMs' | 'visibleMs' | 'engagedMs' | 'spans'> & {
  /** In wall time since the start. */
  lastActivityMs: number
}

/** The same stay as a record tells it that was written when the total clock stood at `untilMs`. */
export function clocksAt(stretches: readonly Stretch[], untilMs: number): Clocks {
  const spans: Span[] = []
  const sums = { engaged: 0, idle: 0, unfocused: 0, hidden: 0 }
  let atMs = 0
  let wallMs = 0
  let lastActivityMs = 0
  for (const [kind, lengthMs] of stretches) {
    if (atMs >= untilMs) break
    if (kind === 'suspended') {
      spans.push(['suspended', atMs, lengthMs])
      wallMs += lengthMs
      continue
    }
    const toMs = Math.min(atMs + lengthMs, untilMs)
    spans.push([kind, atMs, toMs])
    sums[kind] += toMs - atMs
    if (kind === 'engaged') lastActivityMs = wallMs + Math.max(0, toMs - atMs - IDLE_CREDIT_MS)
    wallMs += toMs - atMs
    atMs = toMs
  }
  const visibleMs = sums.engaged + sums.idle + sums.unfocused
  return { totalMs: visibleMs + sums.hidden, visibleMs, engagedMs: sums.engaged, spans, lastActivityMs }
}
