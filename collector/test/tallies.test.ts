import { expect, test } from 'vitest'
import { addInto, addTo, emptyTally } from '../src/tallies/tally.ts'
import { cover, DAY_MS, FOUR_WEEKS_MS, HOUR_MS, QUARTER_MS, SIX_HOURS_MS } from '../src/tallies/tiers.ts'

const start = FOUR_WEEKS_MS * 700
const done = new Map([
  [FOUR_WEEKS_MS, start + 2 * FOUR_WEEKS_MS],
  [DAY_MS, start + 80 * DAY_MS],
  [QUARTER_MS, start + 80 * DAY_MS + 3 * QUARTER_MS],
])

test('a range is cut into the longest roll-ups that lie in it, and rows at its end', () => {
  const from = start - DAY_MS - QUARTER_MS
  const to = start + 90 * DAY_MS
  expect(cover(from, to, { done })).toEqual([
    { spanMs: QUARTER_MS, from, to: start - DAY_MS },
    { spanMs: DAY_MS, from: start - DAY_MS, to: start },
    { spanMs: FOUR_WEEKS_MS, from: start, to: start + 2 * FOUR_WEEKS_MS },
    { spanMs: DAY_MS, from: start + 2 * FOUR_WEEKS_MS, to: start + 80 * DAY_MS },
    { spanMs: QUARTER_MS, from: start + 80 * DAY_MS, to: start + 80 * DAY_MS + 3 * QUARTER_MS },
    { spanMs: 0, from: start + 80 * DAY_MS + 3 * QUARTER_MS, to },
  ])
})

test('days that may still change are pieces of their own, where they lie in the range whole', () => {
  const later = [82, 83, 85, 89].map((day) => ({ day: start + day * DAY_MS }))
  const to = start + 89 * DAY_MS + QUARTER_MS
  expect(cover(start + 79 * DAY_MS, to, { done, fresh: later })).toEqual([
    { spanMs: DAY_MS, from: start + 79 * DAY_MS, to: start + 80 * DAY_MS },
    { spanMs: QUARTER_MS, from: start + 80 * DAY_MS, to: start + 80 * DAY_MS + 3 * QUARTER_MS },
    { spanMs: 0, from: start + 80 * DAY_MS + 3 * QUARTER_MS, to: start + 82 * DAY_MS },
    { spanMs: DAY_MS, from: start + 82 * DAY_MS, to: start + 84 * DAY_MS },
    { spanMs: 0, from: start + 84 * DAY_MS, to: start + 85 * DAY_MS },
    { spanMs: DAY_MS, from: start + 85 * DAY_MS, to: start + 86 * DAY_MS },
    { spanMs: 0, from: start + 86 * DAY_MS, to },
  ])
})

test('a day of another zone that may still change is made of its hours, if it may be', () => {
  const day = start + 82 * DAY_MS
  const [from, to] = [day - 2 * HOUR_MS, day + 22.5 * HOUR_MS]
  expect(cover(from, to, { done, fresh: [{ day }] })).toEqual([
    { spanMs: 0, from, to: day },
    { spanMs: SIX_HOURS_MS, from: day, to: day + 18 * HOUR_MS },
    { spanMs: HOUR_MS, from: day + 18 * HOUR_MS, to: day + 22 * HOUR_MS },
    { spanMs: 0, from: day + 22 * HOUR_MS, to },
  ])
  const tiers = [DAY_MS, QUARTER_MS]
  expect(cover(from, to, { done, fresh: [{ day }], tiers })).toEqual([{ spanMs: 0, from, to }])
})

test('its pieces follow each other, whatever the range', () => {
  for (let at = 0; at < 200; at++) {
    const from = start + ((at * 7919) % 9000) * QUARTER_MS
    const to = from + ((at * 104_729) % 9000) * QUARTER_MS
    const later = [80 + (at % 7), 87 + (at % 5)].map((day) => ({ day: start + day * DAY_MS }))
    const pieces = cover(from, to, { done, fresh: later })
    expect([pieces[0]?.from ?? from, pieces.at(-1)?.to ?? to]).toEqual([from, to])
    for (const [place, piece] of pieces.entries()) {
      expect(piece.from).toBe(pieces[place - 1]?.to ?? from)
      if (piece.spanMs > 0) expect([piece.from % piece.spanMs, piece.to % piece.spanMs]).toEqual([0, 0])
    }
  }
})

test('tallies add up name by name; a name that every object has is a name like others', () => {
  const sum = emptyTally()
  addInto(sum, JSON.parse('{"a":1,"b":{"__proto__":2,"constructor":1}}'))
  addInto(sum, JSON.parse('{"a":2,"b":{"__proto__":3,"toString":4}}'))
  expect(JSON.stringify(sum)).toBe('{"a":3,"b":{"__proto__":5,"constructor":1,"toString":4}}')
})

test('what there may be many of is written as pairs in order, and adds up key by key', () => {
  const first = emptyTally()
  for (const bucket of [536, 9, 536]) addTo(first, 'visible', bucket, 1)
  addTo(first, 'visible', 7, 0) // nothing
  addTo(first, 'next', '__proto__', 2)
  expect(JSON.stringify(first)).toBe('{"visible":[9,1,536,2],"next":["__proto__",2]}')
  const sum = emptyTally()
  addInto(sum, first)
  addInto(sum, JSON.parse('{"visible":[536,1,900,4],"next":["constructor",1]}'))
  expect(JSON.stringify(sum)).toBe('{"visible":[9,1,536,3,900,4],"next":["__proto__",2,"constructor",1]}')
  addInto(sum, {
    visible: [
      [9, 12],
      [0.5, 6],
    ],
    next: [[], []],
  })
  expect(JSON.stringify(sum)).toBe('{"visible":[9,1.5,12,6,536,3,900,4],"next":["__proto__",2,"constructor",1]}')
})
