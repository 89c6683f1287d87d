import fc from 'fast-check'
import { expect } from 'vitest'
import type { Millis } from '../../src/core/time.ts'
import type { PageState } from '../../src/protocol/record.ts'
import { type Act, DEEDS, live, type Page, type Settings, viewsOf } from './day.ts'
import { RUNS } from './replay.ts'

export const LONGEST_GAP = 5_000
export const SHOWN_AGAIN = 1_000

/** A page that leaves within 5 s of an activity may take the knowledge of it along; how often it has looked decides. */
export const STAYING = DEEDS.filter((deed) => deed !== 'leave')

export const isShown = (state: PageState) => state === 'active' || state === 'passive'

export const forAnyDay = (days: fc.Arbitrary<Act[]>, check: (acts: Act[]) => void) =>
  fc.assert(fc.property(days, check), RUNS)

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
export const quietly = (acts: Act[], settings: Settings = {}) =>
  live(acts, { checkpoint: 1e9, heartbeat: 0, ...settings })

export function sameOutcome(one: Page[], other: Page[]): void {
  const [found, wanted] = [outcome(one), outcome(other)]
  // In a property of many runs the slow comparison is only for what differs.
  if (JSON.stringify(found) !== JSON.stringify(wanted)) expect(found).toEqual(wanted)
}

/** Looks after each of these times in turn. */
export const looksAfter =
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

export const someLooks = fc.array(fc.oneof(fc.nat(3_000), fc.nat(60_000)), { minLength: 1, maxLength: 4 })
