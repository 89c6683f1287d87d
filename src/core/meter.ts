import { MAX_SPANS, type PageState, type Span, type SpanKind } from '../protocol/record.ts'
import { clamp, type Instant, type Millis, type Moment, max, min, type WallTime } from './time.ts'

/** What a stretch in `state` is; of `engaged` the idle part is marked when it is read. */
const kindOf = (state: PageState): SpanKind =>
  state === 'active' ? 'engaged' : state === 'passive' ? 'unfocused' : 'hidden'

export const isShown = (state: PageState): boolean => kindOf(state) !== 'hidden'

/** Of one record, the last; their lengths are in no clock. */
const MAX_SUSPENSIONS = 8

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
  let startedAt = wall
  let total: Millis = 0
  let visible: Millis = 0
  let settled: Millis = 0 // engaged time of the gaps that an activity has closed
  let gapBefore = gap // the part of `gap` that earlier views have had
  let gapFrom: Millis = 0 // where on the total clock `gap` began
  let attendedTo = at // the last counted moment that was attended
  let shownTo: Millis = 0 // the last moment on screen, on the total clock
  let turnedAt: Millis = 0 // the page is in `state` since, on the total clock
  let spans: Span[] = [] // up to then
  let suspensions: Span[] = []

  /** This view's part of the credit that the running gap has. */
  const credit = (): Millis => min(gap, idleCredit) - min(gapBefore, idleCredit)

  /** What is settled, and the running gap up to its credit: computed, never polled. */
  const engaged = (): Millis => settled + credit()

  /** All spans, where the time attended from the gap's begin to `to` is engaged only as far as its credit goes. */
  function readSpans(to = total): Span[] {
    let left = max(0, idleCredit - gapBefore)
    const parts = [...spans, [kindOf(state), turnedAt, total] as Span].flatMap(([kind, start, end]) => {
      const from = clamp(gapFrom, start, end)
      const until = clamp(to, from, end)
      if (kind !== 'engaged') return [[kind, start, end] as Span]
      const split = min(from + left, until)
      left -= split - from
      return [
        [kind, start, split],
        ['idle', split, until],
        [kind, until, end],
      ] as Span[]
    })
    return parts.filter(([, from, to]) => from < to)
  }

  return {
    /** Count the time up to `now`. A moment before what is counted already adds nothing. */
    count(now: Moment): void {
      const passed = max(0, now.at - at)
      at += passed
      wall = now.wall
      total += passed
      if (isShown(state)) {
        visible += passed
        shownTo = total
      }
      if (state !== 'active') return
      gap += passed
      attendedTo = at
    },

    /** Up to `now` the process or the machine has stood still for `length`: no clock has run. */
    suspend(now: Moment, length: Millis): void {
      at = now.at
      wall = now.wall
      suspensions = [...suspensions.slice(1 - MAX_SUSPENSIONS), ['suspended', total, length]]
    },

    /**
     * An activity at `activeAt`, perhaps heard of late: the gap up to it is settled, whole if it was short, else its
     * credit. What was counted since belongs to the next gap.
     */
    settle(activeAt: Instant): void {
      const late = clamp(attendedTo - activeAt, 0, gap)
      const from = max(gapFrom, total - max(0, at - activeAt))
      gap -= late
      if (gap > idleTimeout) {
        settled += credit()
        spans = limit(readSpans(from))
        turnedAt = total
      } else settled += max(0, gap - gapBefore)
      gapBefore = max(0, gapBefore - gap)
      gapFrom = from
      gap = late
    },

    /** From the counted moment on the page is in `next`. The view begins when it is first seen. */
    turn(next: PageState): void {
      if (kindOf(next) !== kindOf(state)) {
        spans = limit([...spans, [kindOf(state), turnedAt, total]])
        turnedAt = total
      }
      if (isShown(next) && !visible) {
        startedAt = wall
        turnedAt = total = 0
        spans = suspensions = []
      }
      state = next
    },

    /**
     * The view ended earlier than it was counted: when it was last on screen, or when the credit of the session's
     * last activity, here or in another tab, ran out. Engaged time never shrinks. Answers when that was.
     */
    cut(lastActivityAt?: WallTime): WallTime {
      // Told from the view's start, and from now: the machine may have slept before that activity, or since.
      const own = lastActivityAt
        ? min(lastActivityAt - startedAt, max(gapFrom, total - wall + lastActivityAt)) + idleCredit
        : shownTo
      const parts = readSpans()
      const to = max(own, ...parts.map(([kind, , end]) => (kind === 'engaged' ? end : 0)))
      spans = parts.map(([kind, from, end]) => [kind, from, min(end, to)] as Span)
      let shown = 0
      for (const [kind, from, end] of spans) if (kind !== 'hidden') shown += max(0, end - from)
      visible = max(engaged(), min(visible, shown))
      turnedAt = total = max(visible, min(to, total))
      suspensions = suspensions.filter(([, at]) => at < to)
      return suspensions.reduce((end, [, , length]) => end + length, startedAt + total)
    },

    gap: () => gap,

    engaged,

    /** As a record has it. */
    read: () => ({
      startedAt,
      totalMs: total,
      visibleMs: visible,
      engagedMs: engaged(),
      state,
      spans: [...suspensions, ...limit(readSpans(), MAX_SPANS - suspensions.length)],
    }),
  }
}

/**
 * As many as a record can have: the shortest goes to the one before it; the last is still growing and stays. Only
 * spans lose detail; the clocks are kept apart and stay exact.
 */
function limit(spans: Span[], most = MAX_SPANS): Span[] {
  if (spans.length <= most) return spans
  const lengths = spans.slice(1, -1).map(([, from, to]) => to - from)
  const i = lengths.indexOf(min(...lengths))
  const [[kind, from], [, , to]] = spans.slice(i) as [Span, Span]
  spans.splice(i, 2, [kind, from, to])
  return limit(spans, most)
}
