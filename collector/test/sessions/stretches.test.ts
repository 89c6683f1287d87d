import { expect, test } from 'vitest'
import { lastEnd, totalStretches, unionMs, visibleStretches } from '../../src/sessions/stretches.ts'
import { START, view } from '../support/records.ts'

const sinceStart = (stretches: readonly (readonly [number, number])[]) =>
  stretches.map(([from, to]) => [from - START, to - START])

test('visible is everything but hidden, however attended', () => {
  const stretches = visibleStretches(
    view({
      spans: [
        ['engaged', 0, 10],
        ['hidden', 10, 30],
        ['unfocused', 30, 40],
        ['idle', 40, 60_000],
      ],
    }),
  )
  expect(sinceStart(stretches)).toEqual([
    [0, 10],
    [30, 40],
    [40, 60_000],
  ])
})

test('a suspension moves what comes after it and cuts what it falls into', () => {
  const asleep = view({
    totalMs: 100,
    spans: [
      ['engaged', 0, 40],
      ['suspended', 20, 1_000],
      ['idle', 40, 60],
      ['suspended', 60, 5_000],
      ['hidden', 60, 80],
      ['engaged', 80, 100],
    ],
  })
  expect(sinceStart(visibleStretches(asleep))).toEqual([
    [0, 20],
    [1_020, 1_040],
    [1_040, 1_060],
    [6_080, 6_100],
  ])
  expect(sinceStart(totalStretches(asleep))).toEqual([
    [0, 20],
    [1_020, 1_060],
    [6_060, 6_100],
  ])
  expect(lastEnd(visibleStretches(asleep))).toBe(START + 6_100)
})

test('a suspension at the very end does not move the end', () => {
  const asleep = view({
    totalMs: 100,
    spans: [
      ['engaged', 0, 100],
      ['suspended', 100, 9_000],
    ],
  })
  expect(lastEnd(visibleStretches(asleep))).toBe(START + 100)
})

test('several suspensions add up in whatever order they are told', () => {
  const asleep = view({
    totalMs: 100,
    spans: [
      ['suspended', 50, 2_000],
      ['suspended', 10, 300],
      ['idle', 60, 100],
    ],
  })
  expect(sinceStart(visibleStretches(asleep))).toEqual([[2_360, 2_400]])
})

test('spans that reach beyond the total are cut there', () => {
  expect(lastEnd(visibleStretches(view({ totalMs: 50, spans: [['engaged', 0, 60]] })))).toBe(START + 50)
  expect(lastEnd(visibleStretches(view({ totalMs: 50, spans: [['engaged', 70, 90]] })))).toBeUndefined()
})

test('a view that was never shown has no last visible instant', () => {
  expect(lastEnd(visibleStretches(view({ spans: [['hidden', 0, 60_000]] })))).toBeUndefined()
  expect(lastEnd(visibleStretches(view({ spans: [] })))).toBeUndefined()
})

test('a union counts what overlaps once', () => {
  expect(unionMs([])).toBe(0)
  expect(
    unionMs(
      [
        [5, 10],
        [0, 3],
        [2, 6],
        [20, 21],
        [20, 21],
        [7, 8],
      ].map(([a, b]) => [a!, b!]),
    ),
  ).toBe(11)
})
