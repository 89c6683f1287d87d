import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_SPANS, type PageState, type ViewRecord } from '../../../src/protocol/record.ts'
import { forAnyDay, isShown, LONGEST_GAP, looksAfter, quietly, SHOWN_AGAIN, someLooks } from '../../support/any-day.ts'
import { live, type Page, someDay, viewsOf } from '../../support/day.ts'
import { IDLE_CREDIT, IDLE_TIMEOUT, RUNS, sumOf } from '../../support/replay.ts'

/**
 * What holds on any day, whatever a visitor, a browser, a machine and its clocks do: scripts at random, with several
 * tabs, sleeps, stopped processes, late events, slow stores. The rules are SPEC's; examples are in the tests beside.
 */
describe('on any day, the clocks', { timeout: 3_600_000 }, () => {
  test('0 <= engaged <= visible <= total, whole milliseconds, and the spans add up to them', () => {
    // An input that is heard after the page's state has changed may put a few of its spans' milliseconds elsewhere.
    const days = fc.record({
      acts: someDay({ tabs: 2, late: fc.constant(0) }),
      looks: someLooks,
      slowStore: fc.boolean(),
    })
    fc.assert(
      fc.property(days, ({ acts, looks, slowStore }) => {
        for (const record of viewsOf(live(acts, { looks: looksAfter(looks), slowStore })).flat()) checkClocks(record)
      }),
      RUNS,
    )
  })

  test('the clocks are what a plain count of the milliseconds comes to; suspended time is in none', () => {
    forAnyDay(someDay({ tabs: 2, late: fc.constant(0) }), (acts) => {
      for (const page of quietly(acts, { keepsLog: true })) countPlainly(page)
    })
  })

  test('no clock of a view shrinks, except total and visible when the session ends', () => {
    forAnyDay(someDay({ tabs: 2 }), (acts) => {
      for (const records of viewsOf(live(acts, { looks: looksAfter([700, 20_000]) }))) {
        for (const record of records) checkOrder(record)
        for (const [i, now] of records.slice(1).entries()) {
          const last = records[i]!
          const isTrimmed = now.endReason === 'inactivity'
          // Hidden time before the view is first seen, and after it was last seen, is not in it.
          const isCut = !!now.sessionEndReason || !last.visibleMs
          if (now.engagedMs < last.engagedMs) throw new Error(`engaged ${last.engagedMs} → ${now.engagedMs}`)
          if (now.visibleMs < last.visibleMs && !isTrimmed)
            throw new Error(`visible ${last.visibleMs} → ${now.visibleMs}`)
          if (now.totalMs < last.totalMs && !isTrimmed && !isCut)
            throw new Error(`total ${last.totalMs} → ${now.totalMs}`)
        }
      }
    })
  })
})

function checkOrder({ totalMs, visibleMs, engagedMs, spans, endReason }: ViewRecord): void {
  const clocks = [0, engagedMs, visibleMs, totalMs]
  if (!clocks.every((clock, i) => Number.isSafeInteger(clock) && clock >= (clocks[i - 1] ?? 0)))
    throw new Error(`${clocks}`)
  if (spans.length > MAX_SPANS) throw new Error(`${spans.length} spans`)
  let to = 0
  for (const [kind, from, end] of spans) {
    if (kind === 'suspended') continue
    if (from !== to || end <= from) throw new Error(`a span ${from} – ${end} after ${to}`)
    to = end
  }
  // Engaged time is never taken back: where the trim comes before it, the spans end there and the clocks do not.
  if (endReason === 'inactivity' ? to > totalMs : to !== totalMs) throw new Error(`spans to ${to}, total ${totalMs}`)
}

function checkClocks(record: ViewRecord): void {
  const { visibleMs, engagedMs, spans, endReason } = record
  checkOrder(record)
  const [shown, engaged] = [sumOf(spans, 'engaged', 'idle', 'unfocused'), sumOf(spans, 'engaged')]
  const isEqual = shown === visibleMs && engaged === engagedMs
  if (endReason === 'inactivity' ? shown > visibleMs || engaged > engagedMs : !isEqual)
    throw new Error(`${shown}, ${engaged} for ${visibleMs}, ${engagedMs}`)
}

/** The rule of the three clocks once more, the slow way: over all that has happened since the page opened. */
function countPlainly({ log, records }: Page): void {
  const lastOf = (viewId: string) => records.filter((record) => record.viewId === viewId).at(-1)
  let view: string | undefined
  let total = 0
  let visible = 0
  let state: PageState = 'hidden'
  let hiddenFrom = 0
  let attended = 0 // visible and attended time, of all views
  let viewFrom = 0 // on that clock
  let marks = [0] // activities, on that clock
  for (const [i, step] of log.entries()) {
    const last = log[i - 1]
    if (last) {
      const passed = step.now.at - last.now.at
      const ahead = step.now.wall - last.now.wall - passed
      const isStopped = ahead <= LONGEST_GAP && isShown(state) && passed - step.busy > LONGEST_GAP
      const isCut = view && view !== step.after.viewId && lastOf(view)?.endReason === 'suspended'
      const counted = isStopped || isCut ? 0 : passed
      total += counted
      if (isShown(state)) visible += counted
      if (state === 'active' && last.after.sessionId) attended += counted
    }
    const engaged = () =>
      marks.reduce((sum, mark, i) => {
        const gap = (marks[i + 1] ?? Infinity) - mark
        const until = Math.min(attended, mark + (gap > IDLE_TIMEOUT ? IDLE_CREDIT : gap))
        return sum + Math.max(0, until - Math.max(mark, viewFrom))
      }, 0)

    const ended = view !== step.after.viewId && view ? lastOf(view) : undefined
    const wasHidden = step.name === 'leave' && !isShown(state)
    if (ended && !wasHidden) {
      expect(ended.engagedMs).toBe(engaged())
      if (ended.endReason !== 'inactivity') expect(ended.visibleMs).toBe(visible)
      if (!ended.sessionEndReason) expect(ended.totalMs).toBe(total)
      expect(ended.visibleMs).toBeLessThanOrEqual(visible)
      expect(ended.totalMs).toBeLessThanOrEqual(total)
    }

    const isFresh = step.after.sessionId && !last?.after.sessionId
    const isBack = isShown(step.state) && !isShown(state) && step.now.at - hiddenFrom >= SHOWN_AGAIN
    const isActivity = step.name === 'activity' && isShown(step.state)
    if (isFresh || isBack || isActivity) marks = [...marks, attended]
    if (view !== step.after.viewId) {
      view = step.after.viewId
      total = visible = 0
      viewFrom = attended
    } else if (isShown(step.state) && !visible) total = 0
    if (isShown(state) && (!isShown(step.state) || step.name === 'leave')) hiddenFrom = step.now.at
    state = step.name === 'leave' ? 'hidden' : step.state
    if (!view) continue
    const { totalMs, visibleMs, engagedMs } = step.after
    if (totalMs !== total || visibleMs !== visible || engagedMs !== engaged())
      expect([totalMs, visibleMs, engagedMs], `after ${i} steps`).toEqual([total, visible, engaged()])
  }
}

/** No session starts before the one before it has ended, and none comes back. */
