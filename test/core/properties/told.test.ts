import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Millis } from '../../../src/core/time.ts'
import type { PageState } from '../../../src/protocol/record.ts'
import { forAnyDay, isShown, LONGEST_GAP, looksAfter, quietly, SHOWN_AGAIN } from '../../support/any-day.ts'
import { DEEDS, live, type Page, someDay, viewsOf } from '../../support/day.ts'

describe('on any day, what is told', { timeout: 3_600_000 }, () => {
  test('view and session end at most once; seq grows by 1 to the end; what was written never changes', () => {
    forAnyDay(someDay({ tabs: 3 }), (acts) => {
      // A page that leaves cannot ask the store first: its last look has. Another has shared what was last done.
      const looks = (wait: Millis) => [LONGEST_GAP + 1, wait - 1].filter((at) => 0 < at && at < wait)
      const pages = live(acts, { looks, runsOn: LONGEST_GAP + 1, slowStore: true, keepsCopies: true })
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
