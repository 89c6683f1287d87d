import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSampled } from '../../src/core/sampling.ts'
import { createSessionRule, type Session } from '../../src/core/session.ts'
import { type Millis, minutes, seconds, type WallTime } from '../../src/core/time.ts'
import { MAX_SPANS, type PageState, type ViewRecord } from '../../src/protocol/record.ts'
import {
  type Act,
  DEEDS,
  live,
  type Page,
  type Settings,
  SHORT_WAIT,
  SLOWEST,
  type Stretch,
  shownOf,
  someDay,
  unionOf,
  viewsOf,
} from '../support/day.ts'
import {
  EPOCH,
  IDLE_CREDIT,
  IDLE_TIMEOUT,
  moment,
  play,
  RUNS,
  readClocks,
  replayAfter,
  type Step,
  someScript,
  someTime,
  sumOf,
} from '../support/replay.ts'

/**
 * What holds on any day, whatever a visitor, a browser, a machine and its clocks do: scripts at random, with several
 * tabs, sleeps, stopped processes, late events, slow stores. The rules are SPEC's; examples are in the tests beside.
 */

const LONGEST_GAP = 5_000
const SHOWN_AGAIN = 1_000

/** A page that leaves within 5 s of an activity may take the knowledge of it along; how often it has looked decides. */
const STAYING = DEEDS.filter((deed) => deed !== 'leave')

const isShown = (state: PageState) => state === 'active' || state === 'passive'

const forAnyDay = (days: fc.Arbitrary<Act[]>, check: (acts: Act[]) => void) => fc.assert(fc.property(days, check), RUNS)

/** What a day comes to: each view as its last record has it, and what ended. */
function outcome(pages: Page[]) {
  const sessions: string[] = []
  const numberOf = (id: string) => (sessions.includes(id) ? sessions.indexOf(id) : sessions.push(id) - 1)
  return {
    views: viewsOf(pages).map((records) => {
      const { viewId: _, seq: __, reason: ___, sessionId, ...rest } = records.at(-1)!
      return { ...rest, session: numberOf(sessionId) }
    }),
    ends: pages.map((page) => page.detail('session:end').map(({ reason, durationMs }) => ({ reason, durationMs }))),
    breaks: pages.map((page) => page.detail('break')),
  }
}

/** With fewer records: that they change nothing has a property of its own. */
const quietly = (acts: Act[], settings: Settings = {}) => live(acts, { checkpoint: 1e9, heartbeat: 0, ...settings })

function sameOutcome(one: Page[], other: Page[]): void {
  const [found, wanted] = [outcome(one), outcome(other)]
  // In a property of many runs the slow comparison is only for what differs.
  if (JSON.stringify(found) !== JSON.stringify(wanted)) expect(found).toEqual(wanted)
}

/** Looks after each of these times in turn. */
const looksAfter =
  (steps: Millis[]) =>
  (wait: Millis): Millis[] => {
    const looks: Millis[] = []
    let passed = 0
    for (const step of steps) {
      passed += step
      if (passed < wait) looks.push(passed)
    }
    return looks
  }

describe('on any day', { timeout: 300_000 }, () => {
  const someLooks = fc.array(fc.oneof(fc.nat(3_000), fc.nat(60_000)), { minLength: 1, maxLength: 4 })

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

  test('view and session end at most once; seq grows by 1 to the end; what was written never changes', () => {
    forAnyDay(someDay({ tabs: 3 }), (acts) => {
      // A page that leaves cannot ask the store first: its last look has. Another has shared what was last done.
      const looks = (wait: Millis) => [LONGEST_GAP + 1, wait - 1].filter((at) => 0 < at && at < wait)
      const pages = live(acts, { looks, slowStore: true, keepsCopies: true })
      for (const records of viewsOf(pages)) {
        for (const [i, { seq, endReason, sessionId, path }] of records.entries()) {
          const isLast = i === records.length - 1
          if (seq !== i + 1 || (endReason && !isLast)) throw new Error(`seq ${seq}, ${endReason}, at ${i}`)
          if (sessionId !== records[0]!.sessionId || path !== records[0]!.path) throw new Error('another view')
        }
      }
      for (const { records, copies, told } of pages) {
        if (JSON.stringify(records) !== JSON.stringify(copies)) expect(records).toEqual(copies)
        const started = told.filter(({ name }) => name === 'view:start').length
        const ends = told.flatMap(({ name, detail }) => (name === 'view:end' ? [detail.viewId] : []))
        expect(new Set(ends).size).toBe(ends.length)
        expect(started).toBeGreaterThanOrEqual(ends.length)
        checkSessions(told)
      }
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

  test('extra looks change nothing', () => {
    fc.assert(
      fc.property(someDay({ deeds: STAYING }), someLooks, (acts, looks) => {
        sameOutcome(quietly(acts, { looks: looksAfter(looks) }), quietly(acts))
      }),
      RUNS,
    )
  })

  test('after a long time without a look the verdict is what a timer would have found', () => {
    // Now and then, and at each instant that decides.
    const timer = (wait: Millis) => {
      const looks: Millis[] = []
      for (let passed = 20_000; passed < Math.min(wait, 2_000_000); passed += passed < 60_000 ? 20_000 : 600_000)
        looks.push(passed)
      for (const instant of [1_800_000, 1_805_000, 1_860_000]) if (instant < wait) looks.push(instant)
      return looks.sort((a, b) => a - b)
    }
    forAnyDay(someDay({ deeds: STAYING }), (acts) => {
      sameOutcome(quietly(acts, { looks: timer }), quietly(acts))
    })
  })

  test('extra checkpoints and heartbeats change nothing', () => {
    const looks = looksAfter([400, 12_000])
    const often: Settings = { looks, checkpoint: 250, heartbeat: 1_000 }
    const never: Settings = { looks, checkpoint: 1e9, heartbeat: 0 }
    forAnyDay(someDay({ tabs: 2, maxLength: 15 }), (acts) => {
      sameOutcome(live(acts, often), live(acts, never))
    })
  })

  test('what is told twice counts once', () => {
    const deeds = DEEDS.filter((deed) => !['route', 'untracked', 'leave', 'bfcache'].includes(deed))
    forAnyDay(someDay({ deeds }), (acts) => {
      const again = (act: Act): Act[] => [act, { ...act, wait: 0, ahead: 0, stopped: false }]
      // The first opens the page.
      sameOutcome(quietly([acts[0]!, ...acts.slice(1).flatMap(again)]), quietly(acts))
    })
  })

  test('an input that happened before the newest activity changes nothing', () => {
    const deeds = STAYING.filter((deed) => deed !== 'end')
    fc.assert(
      fc.property(someDay({ deeds, waits: SHORT_WAIT, stops: false }), fc.nat(20), fc.nat(30_000), (acts, i, age) => {
        const before = acts.slice(0, i + 1)
        const { log } = quietly(before, { keepsLog: true })[0]!
        const newest = log.filter(({ name, state }) => name === 'activity' && isShown(state)).at(-1)
        const at = acts.slice(0, i + 1).reduce((sum, { wait }) => sum + wait, 0)
        if (!newest || newest.now.at !== at || before.at(-1)!.deed !== 'input') return
        const late = at - newest.happenedAt + age
        const stale: Act = { ...before.at(-1)!, wait: 0, deed: 'input', late }
        sameOutcome(quietly([...before, stale, ...acts.slice(i + 1)]), quietly(acts))
      }),
      RUNS,
    )
  })

  test('a wall clock that is set changes no clock of a view', () => {
    // Back any amount, forward less than what a sleep is found by; together less than the session's threshold.
    const sets = fc.oneof(fc.constant(0), fc.integer({ min: -86_400_000, max: 0 }), fc.nat(LONGEST_GAP))
    const deeds = DEEDS.filter((deed) => deed !== 'end')
    const days = someDay({ tabs: 2, deeds, waits: SHORT_WAIT, sets, stops: false })
    forAnyDay(days, (acts) => {
      const clocks = (acts: Act[]) =>
        viewsOf(quietly(acts)).map((records) => {
          const { path, totalMs, visibleMs, engagedMs, spans, endReason } = records.at(-1)!
          const awake = spans.filter(([kind]) => kind !== 'suspended')
          return { path, totalMs, visibleMs, engagedMs, spans: awake, endReason }
        })
      const [found, wanted] = [clocks(acts), clocks(acts.map((act) => ({ ...act, ahead: 0 })))]
      if (JSON.stringify(found) !== JSON.stringify(wanted)) expect(found).toEqual(wanted)
    })
  })

  test('the union of the visible time of a session is at most its duration', () => {
    forAnyDay(someDay({ tabs: 3, late: fc.constant(0) }), (acts) => {
      const pages = quietly(acts, { slowStore: true, keepsLog: true })
      for (const { startedAt, endedAt, shown } of sessionsOf(pages)) {
        const union = unionOf(shown)
        if (union > endedAt - startedAt) throw new Error(`${union} ms visible in ${endedAt - startedAt}`)
        for (const [from, to] of shown) if (from < startedAt || to < from) throw new Error(`${from} – ${to}`)
      }
      // What the page tells itself: the views that it has told of till then are in it.
      for (const page of pages) {
        for (const [i, { name, detail }] of page.told.entries()) {
          if (name !== 'session:end') continue
          const told = page.told.slice(0, i).flatMap((one) => (one.name === 'view:start' ? one.detail.viewId : []))
          const own = viewsOf([page])
            .map((records) => records.at(-1)!)
            .filter(({ sessionId, viewId }) => sessionId === detail.id && told.includes(viewId))
          // A view may be a moment older than the session of another tab that the store has had first.
          const shown = own
            .flatMap(shownOf)
            .map((stretch) => stretch.map((at) => Math.max(at, detail.startedAt)) as Stretch)
          const union = unionOf(shown)
          if (union > detail.durationMs) throw new Error(`told ${detail.durationMs}, visible ${union}`)
        }
      }
    })
  })

  test('sessions never overlap where one tab is on screen at a time, ended by hand or not', () => {
    forAnyDay(someDay({ tabs: 3 }), (acts) => checkApart(quietly(acts, { oneShown: true })))
  })

  test('in several windows they overlap by no more than the store takes to answer, and the next look', () => {
    // What one ends by hand, or by waking up, the others hear of with the next that they share.
    const deeds = DEEDS.filter((deed) => deed !== 'end')
    forAnyDay(someDay({ tabs: 3, deeds, stops: false }), (acts) =>
      checkApart(quietly(acts, { slowStore: true, looks: looksAfter([SLOWEST + 1, LONGEST_GAP]) }), 2 * SLOWEST),
    )
  })

  test('thresholds fire once each, in order, exactly those that the last record lists', () => {
    const thresholds = [1, 3, 5, 10, 30, 60]
    forAnyDay(someDay({ tabs: 2 }), (acts) => {
      const pages = quietly(acts, { thresholds, looks: looksAfter([1_000, 4_000, 5_000, 1_790_000]) })
      const last = new Map(viewsOf(pages).map((records) => [records[0]!.viewId, records.at(-1)!]))
      for (const { told } of pages) {
        let fired: number[] = []
        let view: string | undefined
        const check = () => {
          const record = view && last.get(view)
          if (!record) return
          if (`${fired}` !== `${record.thresholds}`) expect(fired).toEqual(record.thresholds)
        }
        for (const { name, detail } of told) {
          if (name === 'threshold') fired.push(detail.at!)
          if (name !== 'view:start') continue
          check()
          view = detail.viewId
          fired = []
        }
        check()
      }
    })
  })

  test('thresholds of the session fire once each: those it was longer than, and shorter than', () => {
    const above = [10, 1_900, 3_000]
    const below = [30, 2_000]
    const thresholds = [...above.map((above) => ({ above })), ...below.map((below) => ({ below }))]
    // In one page: the next one knows what was told in the session before.
    const deeds = DEEDS.filter((deed) => deed !== 'leave')
    forAnyDay(someDay({ deeds }), (acts) => {
      for (const { told } of quietly(acts, { thresholds })) {
        let exceeded: number[] = []
        let ended: number[] = []
        let duration = -Infinity
        const check = () => expect(ended).toEqual(below.filter((limit) => duration < limit * 1_000 && duration >= 0))
        for (const { name, detail } of told) {
          if (name === 'session:end') {
            check()
            duration = detail.durationMs
            exceeded = []
            ended = []
          } else if (name === 'threshold' && detail.above) {
            expect(exceeded).not.toContain(detail.above)
            exceeded.push(detail.above)
            expect(exceeded).toEqual(above.slice(0, exceeded.length))
          } else if (name === 'threshold') ended.push(detail.below!)
        }
        check()
      }
    })
  })

  test('breaks are at least 1 s each, and none of them is engaged time', () => {
    forAnyDay(someDay({ tabs: 2 }), (acts) => {
      for (const page of quietly(acts, { looks: looksAfter([900, 4_000, 5_000, 30_000]), keepsLog: true }))
        checkBreaks(page)
    })
  })

  test('idle is told once per gap', () => {
    forAnyDay(someDay({ late: fc.constant(0) }), (acts) => {
      for (const { told, log } of quietly(acts, {
        looks: looksAfter([10_000, 15_000, 6_000, 1_000, 40_000]),
        keepsLog: true,
      })) {
        let heard = 0
        let hiddenFrom = 0
        let state: PageState = 'hidden'
        let hasTold = false
        for (const step of log) {
          const isBack = isShown(step.state) && !isShown(state) && step.now.at - hiddenFrom >= SHOWN_AGAIN
          if (isShown(state) && (!isShown(step.state) || step.name === 'leave')) hiddenFrom = step.now.at
          state = step.name === 'leave' ? 'hidden' : step.state
          // A page that is restored knows no gap.
          if (isBack || step.name === 'activity' || step.name === 'leave') hasTold = false
          for (const { name } of told.slice(heard, step.heard)) {
            if (name !== 'idle') continue
            expect(hasTold).toBe(false)
            hasTold = true
          }
          heard = step.heard
        }
      }
    })
  })
})

describe('in any view, whatever its page does', { timeout: 300_000 }, () => {
  const gapBefore = fc.oneof(fc.constant(0), someTime)
  /** The clocks after each step. */
  function history(gap: number, [first, ...rest]: Step[]) {
    const { meter } = replayAfter(gap, first!)
    return rest.map((step) => {
      play(meter, step)
      return readClocks(meter)
    })
  }

  test('an activity that is told twice counts once', () => {
    fc.assert(
      fc.property(gapBefore, someScript(), (gap, script) => {
        const twice = script.flatMap((step) => (step[1] === 'input' ? [step, step] : [step]))
        expect(readClocks(replayAfter(gap, ...twice).meter)).toEqual(readClocks(replayAfter(gap, ...script).meter))
      }),
      RUNS,
    )
  })

  test('moments that come out of order add nothing', () => {
    fc.assert(
      fc.property(gapBefore, someScript(), someTime, (gap, script, ago) => {
        const { meter, ...before } = replayAfter(gap, ...script)
        meter.count(moment(script.at(-1)![0] - ago))
        expect(readClocks(meter)).toEqual(before)
      }),
      RUNS,
    )
  })

  test('an activity moves no clock but the engaged one', () => {
    fc.assert(
      fc.property(gapBefore, someScript(), fc.nat(10_000), (gap, script, lateness) => {
        const { meter, ...before } = replayAfter(gap, ...script)
        const at = script.at(-1)![0]
        play(meter, [at, 'input', at - lateness])
        const { engaged, total, visible } = readClocks(meter)
        expect({ total, visible }).toEqual({ total: before.total, visible: before.visible })
        expect(engaged).toBeGreaterThanOrEqual(before.engaged)
      }),
      RUNS,
    )
  })

  test('spans follow each other without a hole from 0 to the total', () => {
    fc.assert(
      fc.property(gapBefore, someScript({ maxLength: 90 }), (gap, script) => {
        for (const { spans, total } of history(gap, script)) {
          expect(spans.length).toBeLessThanOrEqual(MAX_SPANS)
          expect([0, ...spans.map((span) => span[2])]).toEqual([...spans.map((span) => span[1]), total])
          expect(spans.every(([, from, to]) => from < to)).toBe(true)
        }
      }),
      { numRuns: RUNS.numRuns / 5 },
    )
  })

  test('spans under the limit add up to the clocks', () => {
    fc.assert(
      fc.property(gapBefore, someScript({ lateAcrossStates: false }), (gap, script) => {
        for (const { spans, visible, engaged } of history(gap, script)) {
          if (spans.length >= MAX_SPANS) continue
          expect(sumOf(spans, 'engaged', 'idle', 'unfocused')).toBe(visible)
          expect(sumOf(spans, 'engaged')).toBe(engaged)
        }
      }),
      RUNS,
    )
  })

  test('a cut shrinks total and visible, never engaged', () => {
    fc.assert(
      fc.property(gapBefore, someScript(), fc.option(someTime, { nil: undefined }), (gap, script, quiet) => {
        const { meter, ...before } = replayAfter(gap, ...script)
        meter.cut(quiet === undefined ? undefined : EPOCH + script.at(-1)![0] - quiet)
        const { total, visible, engaged, spans } = readClocks(meter)
        expect(engaged).toBe(before.engaged)
        expect(visible).toBeGreaterThanOrEqual(engaged)
        expect(visible).toBeLessThanOrEqual(before.visible)
        expect(total).toBeGreaterThanOrEqual(visible)
        expect(total).toBeLessThanOrEqual(before.total)
        expect(spans.every(([, from, to]) => from < to && to <= total)).toBe(true)
      }),
      RUNS,
    )
  })
})

describe('whatever is in the store', { timeout: 300_000 }, () => {
  const { judge, agree } = createSessionRule(minutes(30), seconds(60), 0)
  const NOW: WallTime = EPOCH
  const session = (given: Partial<Session> = {}): Session => ({
    id: 'mine',
    startedAt: NOW,
    lastActivityAt: NOW,
    ...given,
  })

  const someSession = (ids: fc.Arbitrary<string>): fc.Arbitrary<Session> =>
    fc
      .record({
        id: ids,
        age: fc.nat(minutes(60)),
        quiet: fc.integer({ min: -60_000, max: minutes(40) }),
        ended: fc.constantFrom(undefined, 'explicit' as const),
      })
      .map(({ id, age, quiet, ended }) => ({
        ...{ id, startedAt: NOW - age, lastActivityAt: NOW - quiet },
        ...(ended && { ended }),
      }))

  test('asking twice changes nothing', () => {
    const ids = fc.constantFrom('a', 'b')
    fc.assert(
      fc.property(fc.option(someSession(ids), { nil: undefined }), someSession(ids), (shared, mine) => {
        const once = agree(shared, mine, NOW)
        expect(agree(once, once, NOW)).toMatchObject(once)
        expect(agree(once, mine, NOW).id).toBe(once.id)
      }),
      RUNS,
    )
  })

  test('tabs that open at once end up with one session, whichever asks first', () => {
    const shared = fc.option(someSession(fc.constant('old')), { nil: undefined })
    const quiet = fc.nat(5_000)
    fc.assert(
      fc.property(shared, quiet, quiet, fc.boolean(), (known, one, two, isFirst) => {
        const tabs = [
          session({ id: 'one', lastActivityAt: NOW - one }),
          session({ id: 'two', lastActivityAt: NOW - two }),
        ]
        if (isFirst) tabs.reverse()
        const first = agree(known, tabs[0]!, NOW)
        const second = agree(first, tabs[1]!, NOW)
        expect(second.id).toBe(first.id)
        expect(['', 'ending']).toContain(judge(second, NOW))
        // A session that goes on is theirs in either order; else it is the one that came first.
        const isLive = known && ['', 'ending'].includes(judge(known, NOW))
        expect(first.id).toBe(isLive ? 'old' : tabs[0]!.id)
      }),
      RUNS,
    )
  })
})

test('who is in at a rate is in at every higher one, each time', () => {
  const digit = fc.integer({ min: 0, max: 15 }).map((value) => value.toString(16))
  const someId = fc.oneof(
    fc.array(digit, { minLength: 32, maxLength: 32 }).map((digits) => digits.join('')),
    fc.string(),
  )
  const someRate = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(someId, someRate, someRate, (id, one, two) => {
      const [low, high] = [Math.min(one, two), Math.max(one, two)]
      const isIn = isSampled(id, low)
      if ((isIn && !isSampled(id, high)) || isIn !== isSampled(id, low)) throw new Error(`${low} but not ${high}`)
      expect([isSampled(id, 0), isSampled(id, 1)]).toEqual([false, true])
    }),
    RUNS,
  )
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
function checkSessions(told: Page['told']): void {
  const over = new Set<string>()
  let open: string | undefined
  for (const { name, detail } of told) {
    if (name === 'session:start') {
      if (open || over.has(detail.id)) throw new Error(`${detail.id} starts in ${open}`)
      open = detail.id
    } else if (name === 'session:end') {
      // One that ends before the store has answered was never said to start.
      if ((open && detail.id !== open) || over.has(detail.id)) throw new Error(`${detail.id} ends in ${open}`)
      over.add(detail.id)
      open = undefined
    }
  }
}

/** Sessions as a collector has them from the records alone. */
function sessionsOf(pages: Page[]) {
  const sessions = new Map<string, { startedAt: number; endedAt: number; shown: Stretch[] }>()
  for (const records of viewsOf(pages)) {
    const record = records.at(-1)!
    const { sessionId, sessionStartedAt, startedAt } = record
    const session = sessions.get(sessionId) ?? { startedAt: sessionStartedAt, endedAt: sessionStartedAt, shown: [] }
    const shown = shownOf(record)
    session.startedAt = Math.min(session.startedAt, sessionStartedAt, startedAt)
    session.endedAt = Math.max(session.endedAt, ...shown.map(([, to]) => to))
    session.shown.push(...shown)
    sessions.set(sessionId, session)
  }
  return [...sessions.values()].sort((a, b) => a.startedAt - b.startedAt)
}

function checkApart(pages: Page[], overlap: Millis = 0): void {
  let last = { startedAt: 0, endedAt: 0 }
  for (const session of sessionsOf(pages)) {
    // One that nobody has seen: its page left with the first thing that it heard.
    if (session.endedAt === session.startedAt) continue
    if (session.startedAt < last.endedAt - overlap)
      throw new Error(`${session.startedAt - EPOCH} before ${last.endedAt - EPOCH}`)
    last = session
  }
}

/** In no session the breaks and the engaged time together are more than has passed in it. */
function checkBreaks({ log, told }: Page): void {
  let heard = 0
  let from: number | undefined // of the session, in this page
  let breaks = 0
  let engaged = 0 // of its views that have ended
  for (const step of log) {
    for (const { name, detail } of told.slice(heard, step.heard)) {
      if (name === 'break') {
        const { kind, lengthMs } = detail
        if (lengthMs < 1_000 || !['idle', 'hidden', 'suspended'].includes(kind)) throw new Error(`${kind} ${lengthMs}`)
        breaks += lengthMs
      } else if (name === 'view:end') engaged += detail.engagedMs
      else if (name === 'session:end') {
        from = undefined
        breaks = engaged = 0
      }
    }
    heard = step.heard
    if (step.after.sessionId) from ??= step.now.wall
    const passed = step.now.wall - (from ?? step.now.wall)
    if (breaks + engaged + step.after.engagedMs > passed)
      throw new Error(`${breaks} ms of breaks, ${engaged + step.after.engagedMs} engaged in ${passed}`)
  }
}
