import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_SPANS } from '../../../src/protocol/record.ts'
import {
  EPOCH,
  moment,
  play,
  RUNS,
  readClocks,
  replayAfter,
  type Step,
  someScript,
  someTime,
  sumOf,
} from '../../support/replay.ts'

describe('in any view, whatever its page does', { timeout: 3_600_000 }, () => {
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
