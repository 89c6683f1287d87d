import { expect, test } from 'vitest'
import { sayDay, sayInstant, sayWeekday } from '../../dashboard/words/day.ts'
import { sayDuration, sayExactly } from '../../dashboard/words/duration.ts'
import { sayEnd } from '../../dashboard/words/ends.ts'
import { sayChange, sayNumber, sayRoundShare, sayShare } from '../../dashboard/words/number.ts'

const plain = (text: string | undefined) => text?.replaceAll('\u00a0', ' ')

test.each([
  [0, '0 s'],
  [49, '0 s'],
  [420, '0.4 s'],
  [1_000, '1 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59_499, '59 s'],
  [59_500, '1 m'],
  [72_134, '1 m 12 s'],
  [3_599_499, '59 m 59 s'],
  [3_599_500, '1 h'],
  [7_500_000, '2 h 5 m'],
  [86_369_999, '23 h 59 m'],
  [86_370_000, '1 d'],
  [273_600_000, '3 d 4 h'],
  [-72_000, '−1 m 12 s'],
])('%i ms is %s', (ms, said) => {
  expect(plain(sayDuration(ms))).toBe(said)
})

test('exactly', () => {
  expect(sayExactly(72_134.4)).toBe('72,134 ms')
})

test('numbers have thousands', () => {
  expect(sayNumber(1_234_567.5)).toBe('1,234,568')
})

test.each([
  [0, '0 %', '0 %'],
  [0.0004, '0.0 %', '0 %'],
  [0.123, '12.3 %', '12.3 %'],
  [0.5, '50.0 %', '50 %'],
  [0.9996, '100 %', '100 %'],
])('%d is a share of %s, on an axis %s', (share, said, round) => {
  expect([plain(sayShare(share)), plain(sayRoundShare(share))]).toEqual([said, round])
})

test.each([
  [112, 100, '+12 %'],
  [50, 100, '−50 %'],
  [100, 100, '±0 %'],
  [2_500, 100, '+2,400 %'],
  [5, 0, undefined],
  [null, 5, undefined],
  [5, undefined, undefined],
])('%s after %s is a change of %s', (value, before, said) => {
  expect(plain(sayChange(value, before))).toBe(said)
})

test('days, and instants in a zone', () => {
  expect([sayDay('2026-06-05'), sayWeekday('2026-06-05')]).toEqual(['5 Jun', 'Fri 5 Jun'])
  const at = Date.parse('2026-06-15T23:30:05Z')
  expect(sayInstant(at, 'Europe/Berlin')).toBe('16 Jun 2026, 01:30:05')
  expect(sayInstant(at, 'Europe/Berlin', 'time')).toBe('01:30:05')
  expect(sayInstant(at, 'Europe/Berlin', 'date')).toBe('16 Jun 2026')
  expect(sayInstant(at, 'Mars/Base', 'time')).toBe('23:30:05')
})

test('ends that are not known keep their name', () => {
  expect([sayEnd('reaped'), sayEnd('toString')]).toEqual(['Cut off while shown', 'toString'])
})
