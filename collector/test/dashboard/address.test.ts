import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Address,
  CHOICES,
  FILTER_NAMES,
  readAddress,
  toView,
  VIEW_NAMES,
  withFilter,
  writeAddress,
} from '../../dashboard/address/address.ts'
import { daysOf } from '../../dashboard/address/days.ts'

const usual: Address = {
  view: 'overview',
  days: 30,
  timezone: 'Europe/Berlin',
  compare: true,
  filter: {},
  portion: 1,
}

test('an empty URL is the overview of the last 30 days in the zone of the browser', () => {
  expect(readAddress('', 'Europe/Berlin')).toEqual(usual)
})

test('what is as usual is left out, but for the zone', () => {
  expect(writeAddress(usual)).toBe('?timezone=Europe%2FBerlin')
})

test('what is written is read again', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  const date = fc.integer({ min: 0, max: 20_000 }).map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10))
  const days = fc.oneof(
    fc.record({ days: fc.integer({ min: 1, max: 400 }) }),
    fc.tuple(date, date).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a })),
  )
  const filter = fc.record(
    Object.fromEntries(FILTER_NAMES.map((name) => [name, CHOICES[name] ? fc.constantFrom(...CHOICES[name]) : text])),
    { requiredKeys: [] },
  )
  const rest = fc.record({ metric: text, sort: text, session: text }, { requiredKeys: [] })
  const place = fc.record({
    view: fc.constantFrom(...VIEW_NAMES),
    timezone: text,
    compare: fc.boolean(),
    portion: fc.integer({ min: 1, max: 1_000 }),
  })
  fc.assert(
    fc.property(place, days, filter, rest, (place, days, filter, rest) => {
      const address = { ...place, ...days, ...rest, filter } as Address
      expect(readAddress(writeAddress(address), 'UTC')).toEqual(address)
    }),
  )
})

test.each([
  '?view=secrets&days=0&portion=-3&device=fridge&bots=some',
  '?from=2026-06-15&to=2026-06-14',
  '?from=yesterday&to=2026-06-14',
  '?days=1e9&portion=x',
])('%s makes no sense and is as usual', (search) => {
  expect(readAddress(search, 'Europe/Berlin')).toEqual(usual)
})

test('another view keeps days and filters, and forgets what was about this one', () => {
  const here: Address = {
    ...usual,
    filter: { site: 'docs' },
    metric: 'views',
    sort: '-views',
    portion: 3,
    session: 'a',
  }
  expect(toView(here, 'pages')).toEqual({ ...usual, view: 'pages', filter: { site: 'docs' } })
})

test('a filter is set and taken away, and begins at the first portion', () => {
  const set = withFilter({ ...usual, portion: 3 }, 'page', '/learn/*')
  expect([set.filter, set.portion]).toEqual([{ page: '/learn/*' }, 1])
  expect(withFilter(set, 'page', '').filter).toEqual({})
})

describe('days', () => {
  const LATE = Date.parse('2026-06-15T23:30:00Z') // already the 16th in Berlin

  test.each([
    ['UTC', '2026-06-09', '2026-06-15'],
    ['Europe/Berlin', '2026-06-10', '2026-06-16'],
    ['Mars/Base', '2026-06-09', '2026-06-15'],
  ])('7 days up to today in %s', (timezone, start_date, end_date) => {
    expect(daysOf({ days: 7, timezone }, LATE)).toMatchObject({ start_date, end_date })
  })

  test('the period before is as long and ends the day before, over clock changes too', () => {
    const { previous } = daysOf({ from: '2026-03-29', to: '2026-03-30', timezone: 'Europe/Berlin' }, LATE)
    expect(previous).toEqual({ start_date: '2026-03-27', end_date: '2026-03-28' })
  })

  test('today alone', () => {
    expect(daysOf({ days: 1, timezone: 'UTC' }, LATE)).toEqual({
      ...{ start_date: '2026-06-15', end_date: '2026-06-15' },
      previous: { start_date: '2026-06-14', end_date: '2026-06-14' },
    })
  })
})
