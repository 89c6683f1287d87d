import fc from 'fast-check'
import { createMeter, isShown, type Meter } from '../../src/core/meter.ts'
import { type Instant, type Millis, type Moment, seconds, type WallTime } from '../../src/core/time.ts'
import type { PageState, Span } from '../../src/protocol/record.ts'

/** Where the page's monotonic clock is 0. */
export const EPOCH: WallTime = Date.UTC(2026, 0, 1)

export const IDLE_TIMEOUT = seconds(30)
export const IDLE_CREDIT = seconds(5)

/** How often a property is tried. `RUNS` in the environment says otherwise. */
export const RUNS = { numRuns: Number(process.env.RUNS) || (process.env.CI ? 10_000 : 1_000) }

export const moment = (at: Instant): Moment => ({ at, wall: EPOCH + at })

/**
 * What happens at `at`: the page's state is another, someone is there (`happenedAt` if it was heard of late), or
 * nothing but a look.
 */
export type Step = [at: Instant, what: PageState | 'input' | 'look', happenedAt?: Instant]

/** The clocks of a view that begins with the first step, which names its state. */
export const replay = (...script: Step[]) => replayAfter(0, ...script)

/** The same, where the view before has left a gap of `gap` since the last activity. */
export function replayAfter(gap: Millis, ...[first, ...rest]: Step[]) {
  const [start, state] = first as [Instant, PageState]
  const meter = createMeter(moment(start), state, IDLE_TIMEOUT, IDLE_CREDIT, gap)
  for (const step of rest) play(meter, step)
  return { ...readClocks(meter), meter }
}

/** One step, as the tracker takes it: count up to it, then apply it. What nobody can see is no activity. */
export function play(meter: Meter, [at, what, happenedAt = at]: Step): void {
  meter.count(moment(at))
  if (what === 'look') return
  if (what !== 'input') meter.turn(what)
  else if (isShown(meter.read().state)) meter.settle(happenedAt)
}

export function readClocks(meter: Meter) {
  const { startedAt, totalMs: total, visibleMs: visible, engagedMs: engaged, spans } = meter.read()
  return { startedAt: startedAt - EPOCH, total, visible, engaged, spans }
}

/** How long the spans of these kinds are together. */
export const sumOf = (spans: Span[], ...kinds: Span[0][]): Millis =>
  spans.reduce((sum, [kind, from, to]) => sum + (kinds.includes(kind) ? to - from : 0), 0)

/** Stays of every size that matters: none, a flicker, a short gap, a long one. */
export const someTime: fc.Arbitrary<Millis> = fc.oneof(
  fc.constant(0),
  fc.nat(1_500),
  fc.nat(12_000),
  fc.nat(45_000),
  fc.constantFrom(IDLE_CREDIT, IDLE_TIMEOUT, IDLE_TIMEOUT + 1),
)

/**
 * Any view: where it begins, and what happens then. Some inputs are heard of late, if `lateAcrossStates` also after the
 * page's state has changed.
 */
export function someScript({ maxLength = 40, lateAcrossStates = true } = {}): fc.Arbitrary<Step[]> {
  const someState = fc.constantFrom<PageState>('active', 'passive', 'hidden', 'frozen')
  const event = fc.record({
    wait: someTime,
    what: fc.oneof(someState, fc.constantFrom<Step[1]>('look', 'input', 'input')),
    lateness: fc.oneof(fc.constant(0), fc.nat(3_000)),
  })
  return fc.tuple(someState, fc.array(event, { maxLength })).map(([first, events]) => {
    let at = 0
    let activeSince = first === 'active' ? 0 : Infinity
    const steps = events.map(({ wait, what, lateness }): Step => {
      at += wait
      if (what === 'active') activeSince = Math.min(activeSince, at)
      else if (what !== 'look' && what !== 'input') activeSince = Infinity
      const mostLate = lateAcrossStates ? lateness : Math.max(0, at - activeSince)
      return [at, what, at - Math.min(lateness, mostLate)]
    })
    return [[0, first], ...steps]
  })
}
