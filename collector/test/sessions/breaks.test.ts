import type { Span } from 'dwelltime/protocol'
import { expect, test } from 'vitest'
import { breaksOf, engagedTenths } from '../../src/sessions/breaks.ts'
import { id, START, view } from '../support/records.ts'

const withSpans = (spans: Span[], totalMs = 100_000, changes = {}) => view({ spans, totalMs, ...changes })

test('a stretch without engaged time is a break, called after the strongest in it', () => {
  const spans: Span[] = [
    ['engaged', 0, 10_000],
    ['idle', 10_000, 20_000],
    ['engaged', 20_000, 30_000],
    ['unfocused', 30_000, 35_000],
    ['engaged', 35_000, 40_000],
    ['idle', 40_000, 50_000],
    ['hidden', 50_000, 60_000],
    ['engaged', 60_000, 100_000],
    ['suspended', 45_000, 3_600_000],
  ]
  expect(breaksOf([withSpans(spans)], START)).toEqual([
    ['idle', 10_000, 10_000],
    ['idle', 30_000, 5_000],
    ['suspended', 40_000, 3_620_000],
  ])
  expect(breaksOf([withSpans(spans.slice(0, -1))], START).at(-1)).toEqual(['hidden', 40_000, 20_000])
})

test('one shorter than a second is none, nor is one still open at the end', () => {
  const spans: Span[] = [
    ['engaged', 0, 10_000],
    ['idle', 10_000, 10_999],
    ['engaged', 10_999, 20_000],
    ['hidden', 20_000, 100_000],
  ]
  expect(breaksOf([withSpans(spans)], START)).toEqual([])
})

test('what one window rests, another may not; no window at all is hidden', () => {
  const first = withSpans(
    [
      ['engaged', 0, 10_000],
      ['unfocused', 10_000, 30_000],
      ['engaged', 30_000, 40_000],
    ],
    40_000,
  )
  const beside = withSpans([['engaged', 0, 15_000]], 15_000, { viewId: id('b'), startedAt: START + 12_000 })
  const later = withSpans([['engaged', 0, 5_000]], 5_000, { viewId: id('c'), startedAt: START + 60_000 })
  expect(breaksOf([first, beside, later], START)).toEqual([
    ['idle', 10_000, 2_000],
    ['idle', 27_000, 3_000],
    ['hidden', 40_000, 20_000],
  ])
})

test('engaged time by tenth of the session adds up', () => {
  const spans: Span[] = [
    ['engaged', 0, 25_000],
    ['hidden', 25_000, 90_000],
    ['engaged', 90_000, 100_000],
  ]
  expect(engagedTenths([withSpans(spans)], [START, START + 100_000])).toEqual([
    10_000, 10_000, 5_000, 0, 0, 0, 0, 0, 0, 10_000,
  ])
  expect(engagedTenths([withSpans(spans)], [START, START])).toEqual(Array(10).fill(0))
})
