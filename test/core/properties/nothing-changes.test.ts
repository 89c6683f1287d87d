import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Millis } from '../../../src/core/time.ts'
import {
  forAnyDay,
  isShown,
  LONGEST_GAP,
  looksAfter,
  quietly,
  STAYING,
  sameOutcome,
  someLooks,
} from '../../support/any-day.ts'
import { type Act, DEEDS, live, type Settings, SHORT_WAIT, someDay, viewsOf } from '../../support/day.ts'
import { RUNS } from '../../support/replay.ts'

describe('on any day', { timeout: 3_600_000 }, () => {
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
})
