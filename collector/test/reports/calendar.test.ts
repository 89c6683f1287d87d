import { expect, test } from 'vitest'
import { daysAsInstants, isDate, isTimeZone } from '../../src/reports/calendar.ts'

const HOUR_MS = 60 * 60 * 1000

const iso = (first: string, last: string, zone: string) => {
  const { from, to } = daysAsInstants(first, last, zone)
  return [new Date(from).toISOString(), new Date(to).toISOString()]
}
const hours = (day: string, zone: string) => {
  const { from, to } = daysAsInstants(day, day, zone)
  return (to - from) / HOUR_MS
}

test('days in UTC, the last one included', () => {
  expect(iso('2026-06-15', '2026-06-16', 'UTC')).toEqual(['2026-06-15T00:00:00.000Z', '2026-06-17T00:00:00.000Z'])
  expect(iso('2028-02-29', '2028-02-29', 'UTC')).toEqual(['2028-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z'])
})

test('days elsewhere', () => {
  expect(iso('2026-06-15', '2026-06-15', 'Europe/Berlin')).toEqual([
    '2026-06-14T22:00:00.000Z',
    '2026-06-15T22:00:00.000Z',
  ])
  expect(iso('2026-06-15', '2026-06-15', 'Asia/Kathmandu')[0]).toBe('2026-06-14T18:15:00.000Z')
  expect(iso('2026-06-15', '2026-06-15', 'Pacific/Kiritimati')[0]).toBe('2026-06-14T10:00:00.000Z')
  expect(iso('2026-06-15', '2026-06-15', 'Etc/GMT+12')[0]).toBe('2026-06-15T12:00:00.000Z')
})

test.each([
  ['2026-03-29', 'Europe/Berlin', 23],
  ['2026-10-25', 'Europe/Berlin', 25],
  ['2026-03-08', 'America/New_York', 23],
  ['2026-11-01', 'America/New_York', 25],
  ['2026-04-05', 'Australia/Lord_Howe', 24.5],
  ['2018-11-04', 'America/Sao_Paulo', 23], // there midnight itself was left out
  ['2011-12-30', 'Pacific/Apia', 0], // a day that never was
])('%s in %s has %d hours', (day, zone, length) => {
  expect(hours(day, zone)).toBe(length)
})

test('days follow each other without gap or overlap, in every zone', () => {
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const spring = daysAsInstants('2026-03-08', '2026-03-08', zone)
    const next = daysAsInstants('2026-03-09', '2026-03-09', zone)
    expect(spring.to, zone).toBe(next.from)
    expect((spring.to - spring.from) / HOUR_MS, zone).toBeGreaterThanOrEqual(23)
  }
})

test('what is a date', () => {
  for (const text of ['2026-01-01', '2028-02-29', '0001-01-01', '9999-12-31']) expect(isDate(text), text).toBe(true)
  const not = [
    '',
    '2026-1-1',
    '2026-02-30',
    '2027-02-29',
    '2026-13-01',
    '26-01-01',
    '2026-01-01T00:00',
    ' 2026-01-01',
    '20260101',
  ]
  for (const text of not) expect(isDate(text), text).toBe(false)
})

test('the ends of the calendar do no harm', () => {
  const { from, to } = daysAsInstants('0001-01-01', '9999-12-31', 'America/New_York')
  expect(from).toBeLessThan(0)
  expect(to).toBeGreaterThan(Date.parse('9999-12-31'))
})

test('what is a time zone', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'US/Pacific', 'Etc/GMT+5']) expect(isTimeZone(zone), zone).toBe(true)
  for (const zone of ['', 'Mars/Base', '+01:00', "'; DROP TABLE views; --"]) expect(isTimeZone(zone), zone).toBe(false)
})
