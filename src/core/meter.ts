import { MAX_SPANS, type PageState, type Span, type SpanKind } from '../protocol/record.ts'
import { clamp, type Instant, type Millis, type Moment, type WallTime } from './time.ts'

/** Gaps on the clocks up to this long are a busy main thread or a late timer; longer ones a suspension. */
const SUSPENSION_LIMIT: Millis = 5_000

/** Of the spans in a record so many may be suspensions: the latest. */
const MAX_SUSPENSIONS = 8

const KINDS: Record<PageState, SpanKind> = {
  active: 'engaged', // what of it is idle is marked when read
  passive: 'unfocused',
  hidden: 'hidden',
  frozen: 'hidden',
}

export const isShown = (state: PageState): boolean => state === 'active' || state === 'passive'

export type Meter = ReturnType<typeof createMeter>

/**
 * The three clocks of one view, from a moment on. Whole milliseconds in, whole milliseconds out; it changes only by
 * these calls, and they say what time it is. A gap between two activities up to `idleTimeout` counts whole, of a
 * longer one only `idleCredit`. `gap`: visible and attended time since the last activity, as the page's earlier view
 * has left it.
 */
export function createMeter(
  { at, wall }: Moment,
  state: PageState,
  idleTimeout: Millis,
  idleCredit: Millis,
  gap: Millis = 0,
) {
  let total: Millis = 0
  let visible: Millis = 0
  let settled: Millis = 0 // engaged time of the gaps that an activity has closed
  let gapBefore = gap // the part of `gap` that earlier views have had
  let gapFrom: Millis = 0 // where on the total clock `gap` began
  let shownTo: Millis = 0 // the last moment on screen, on the total clock
  let turnedAt: Millis = 0 // the page is in `state` since, on the total clock
  let spans: Span[] = [] // up to then
  let suspensions: Span[] = []

  /**
   * Count the time up to `now` (SPEC section 2). Wall ahead of monotonic: the monotonic clock stood still, and what it
   * did advance is real. Both ahead while a timer should have run, and the main thread was not `busy`: the process was
   * stopped. Either is a suspension, and in no clock.
   */
  function count(now: Moment, busy?: boolean): void {
    const elapsed = now.wall - wall
    let passed = Math.max(0, now.at - at)
    let suspended = elapsed - passed
    if (suspended <= SUSPENSION_LIMIT) {
      suspended = isShown(state) && !busy && Math.min(passed, elapsed) > SUSPENSION_LIMIT ? passed : 0
      passed -= suspended
    }
    if (suspended) suspensions = [...suspensions, ['suspended', total, suspended] as Span].slice(-MAX_SUSPENSIONS)
    at = Math.max(at, now.at)
    wall = now.wall
    total += passed
    if (isShown(state)) {
      visible += passed
      shownTo = total
    }
    if (state === 'active') gap += passed
  }

  /**
   * An activity at `activeAt`, perhaps heard of late: the gap up to it is settled, whole if it was short, else its
   * credit. What was counted since belongs to the next gap.
   */
  function settle(activeAt: Instant): void {
    const late = clamp(at - activeAt, 0, Math.min(gap - gapBefore, idleCredit))
    gap -= late
    if (gap > idleTimeout) {
      settled += credit()
      spans = limit(readSpans(total - late))
      turnedAt = total
    } else settled += gap - gapBefore
    gap = late
    gapBefore = 0
    gapFrom = total - late
  }

  /** This view's part of the credit that the running gap has. */
  const credit = (): Millis => Math.min(gap, idleCredit) - Math.min(gapBefore, idleCredit)

  /** What is settled, and the running gap up to its credit: computed, never polled. */
  const engaged = (): Millis => settled + credit()

  /** All spans, where the time attended from the gap's begin to `to` is engaged only as far as its credit goes. */
  function readSpans(to: Millis): Span[] {
    let left = Math.max(0, idleCredit - gapBefore)
    return [...spans, [KINDS[state], turnedAt, total] as Span].flatMap(([kind, start, end]) => {
      const from = clamp(gapFrom, start, end)
      const until = clamp(to, from, end)
      const split = kind === 'engaged' ? Math.min(from + left, until) : until
      if (kind === 'engaged') left -= split - from
      const parts = [
        [kind, start, split],
        ['idle', split, until],
        [kind, until, end],
      ] as Span[]
      return parts.filter(([, from, to]) => from < to)
    })
  }

  /** The view ended earlier than it was counted: at `to` on its total clock. Engaged time never shrinks. */
  function cut(to: Millis): void {
    if (to >= total) return
    spans = readSpans(total).map(([kind, from, end]) => [kind, from, Math.min(end, to)] as Span)
    const shown = spans.reduce((sum, [kind, from, end]) => sum + (kind === 'hidden' ? 0 : Math.max(0, end - from)), 0)
    visible = Math.max(engaged(), Math.min(visible, shown))
    turnedAt = total = Math.max(visible, to)
  }

  return {
    count,
    settle,
    /** From the counted moment on the page is in `next`. */
    turn(next: PageState): void {
      if (KINDS[next] !== KINDS[state]) {
        spans = limit([...spans, [KINDS[state], turnedAt, total]])
        turnedAt = total
      }
      state = next
    },
    /** The view ended when it was last on screen. */
    cutHidden: () => cut(shownTo),
    /** The view ended when the credit of the session's last activity, an instant of the wall clock, ran out. */
    cutIdle: (lastActivityAt: WallTime) => cut(total - wall + lastActivityAt + idleCredit),
    gap: () => gap,
    isIdle: () => gap >= idleCredit,
    /** As a record has it. */
    read: () => ({
      totalMs: total,
      visibleMs: visible,
      engagedMs: engaged(),
      state,
      spans: [...limit(readSpans(total)), ...suspensions],
    }),
  }
}

/**
 * As many as a record can have beside suspensions: the shortest goes to the one before it; the last is still growing
 * and stays. Only spans lose detail; the clocks are kept apart and stay exact.
 */
function limit(spans: Span[]): Span[] {
  const length = ([, from, to]: Span) => to - from
  const [shortest] = spans.slice(1, -1).sort((a, b) => length(a) - length(b))
  if (!shortest || spans.length <= MAX_SPANS - MAX_SUSPENSIONS) return spans
  const i = spans.indexOf(shortest)
  const [kind, from] = spans[i - 1]!
  return limit([...spans.slice(0, i - 1), [kind, from, shortest[2]] as Span, ...spans.slice(i + 1)])
}
