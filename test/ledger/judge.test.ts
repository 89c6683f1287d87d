import { describe, expect, test } from 'vitest'
import { judge, mostShort, outcomeOf, type Row, type Stay } from '../../bench/ledger/judge.ts'

const stay = (more: Partial<Stay> = {}): Stay => ({
  role: 'leaving',
  path: '/leaving',
  startedAt: 1_000_000,
  leastMs: 2_000,
  mostMs: 2_000,
  ...more,
})
const row = (more: Partial<Row> = {}): Row => ({
  viewId: 'a',
  path: '/leaving',
  startedAt: 1_000_000,
  visibleMs: 2_000,
  ...more,
})

/** What becomes of one stay and one row, seen at the exit or not. */
const outcome = (stays: Stay, rows: Row[], wasHeldAtExit = false) =>
  outcomeOf(judge([stays], rows).judged[0]!, wasHeldAtExit)

describe('one view', () => {
  test('that is stored as it was has no error', () => {
    const judged = [{ stay: stay(), row: row(), errorMs: 0, isHeld: true }]
    expect(judge([stay()], [row()])).toEqual({ judged, extra: [] })
  })

  test('that was there before the next visit was captured at the exit, else by that', () => {
    expect(outcome(stay(), [row()], true)).toBe('exit')
    expect(outcome(stay(), [row()], false)).toBe('later')
  })

  test('of which there is nothing is lost', () => {
    expect(outcome(stay(), [])).toBe('lost')
    expect(judge([stay()], []).judged[0]).toMatchObject({ errorMs: null, isHeld: false })
  })

  test('is not the one of another page', () => {
    const { judged, extra } = judge([stay()], [row({ path: '/other' })])
    expect(judged[0]!.errorMs).toBeNull()
    expect(extra).toEqual([row({ path: '/other' })])
  })

  test('is not the one of the same page at another time', () => {
    const later = row({ startedAt: 1_000_501 })
    expect(outcome(stay(), [later])).toBe('lost')
    expect(judge([stay()], [later]).extra).toEqual([later])
  })

  test('may be over by 30 ms and no more', () => {
    expect(outcome(stay(), [row({ visibleMs: 2_030 })])).toBe('later')
    expect(outcome(stay(), [row({ visibleMs: 2_031 })])).toBe('over')
    expect(judge([stay()], [row({ visibleMs: 2_031 })]).judged[0]!.errorMs).toBe(31)
  })

  test('may be short of 600 ms, or of 8 % where that is more', () => {
    expect(outcome(stay(), [row({ visibleMs: 1_400 })])).toBe('later')
    expect(outcome(stay(), [row({ visibleMs: 1_399 })], true)).toBe('short')
    expect(judge([stay()], [row({ visibleMs: 1_399 })]).judged[0]!.errorMs).toBe(-601)
    expect(mostShort(2_000)).toBe(600)
    expect(mostShort(10_000)).toBe(800)
  })

  test('whose end is a range has an error only outside of it', () => {
    const range = stay({ leastMs: 2_000, mostMs: 2_400 })
    const errorOf = (visibleMs: number) => judge([range], [row({ visibleMs })]).judged[0]!.errorMs
    expect([1_990, 2_000, 2_399, 2_400, 2_410].map(errorOf)).toEqual([-10, 0, 0, 0, 10])
  })
})

describe('several views', () => {
  test('of one page are told apart by when they began, the nearest first', () => {
    const [first, second] = [stay(), stay({ role: 'after', startedAt: 1_000_400, leastMs: 100, mostMs: 100 })]
    // 190 ms from the first, 210 ms from the second; and the first has a better one.
    const [a, b] = [row({ startedAt: 1_000_010 }), row({ viewId: 'b', startedAt: 1_000_190, visibleMs: 100 })]
    const { judged, extra } = judge([first, second], [b, a])
    expect(judged.map(({ errorMs }) => errorMs)).toEqual([0, 0])
    expect(extra).toEqual([])
  })

  test('stored for one stay are one too many', () => {
    const twice = row({ viewId: 'b', startedAt: 1_000_003 })
    expect(judge([stay()], [twice, row()]).extra).toEqual([twice])
  })

  test('where the first is lost, the second does not take its place', () => {
    const [first, second] = [stay(), stay({ startedAt: 1_002_500 })]
    const { judged } = judge([first, second], [row({ startedAt: 1_002_500 })])
    expect(judged.map(({ errorMs }) => errorMs)).toEqual([null, 0])
  })
})
