import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSampled } from '../../../src/core/sampling.ts'
import { createSessionRule, type Session } from '../../../src/core/session.ts'
import { minutes, seconds, type WallTime } from '../../../src/core/time.ts'
import { EPOCH, RUNS } from '../../support/replay.ts'

describe('whatever is in the store', { timeout: 3_600_000 }, () => {
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
