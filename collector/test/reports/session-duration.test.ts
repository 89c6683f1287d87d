import type { ViewRecord } from 'dwelltime/protocol'
import { describe, expect, test } from 'vitest'
import { createCollector } from '../support/collector.ts'
import { id, START, view } from '../support/records.ts'

const HOUR = 60 * 60 * 1000
const MIDNIGHT = Date.parse('2026-06-15T00:00:00Z')

let sessions = 0

/** A session of one view that was visible for `lengthMs`; the collector keeps its clock right behind it. */
function session(startedAt: number, lengthMs: number, changes: Partial<ViewRecord> = {}): ViewRecord {
  sessions += 1
  return view({
    viewId: id(`a${sessions}`),
    sessionId: id(`5${sessions}`),
    sessionStartedAt: startedAt,
    startedAt,
    lastActivityAt: startedAt + lengthMs,
    totalMs: lengthMs,
    visibleMs: lengthMs,
    engagedMs: lengthMs,
    spans: [['engaged', 0, lengthMs]],
    ...changes,
  })
}

async function ask(records: ViewRecord[], request: object) {
  const { send, clock, sessionDuration } = createCollector()
  clock.now = MIDNIGHT + 3 * 24 * HOUR
  expect(await send(records)).toMatchObject({ problems: [] })
  const response = await sessionDuration({ start_date: '2026-06-15', end_date: '2026-06-15', ...request })
  return (await response.json()) as { results?: object[]; detail?: string }
}

test('the average of each user in seconds, as the original had it', async () => {
  const records = [
    session(START, 10_000, { userId: 'ann' }),
    session(START, 15_000, { userId: 'ann' }),
    session(START, 60_001, { userId: 'bob' }),
  ]
  expect(await ask(records, {})).toEqual({
    results: [
      { user_id: 'ann', average_duration: 12.5 },
      { user_id: 'bob', average_duration: 60.001 },
    ],
  })
})

test('nothing measured, no results', async () => {
  expect(await ask([], {})).toEqual({ results: [] })
})

test('sessions belong to the day they started, the last day included', async () => {
  const records = [
    session(MIDNIGHT - 1, 1_000),
    session(MIDNIGHT, 2_000),
    session(MIDNIGHT + 24 * HOUR - 1, 4_000),
    session(MIDNIGHT + 24 * HOUR, 8_000),
  ]
  expect(await ask(records, {})).toMatchObject({ results: [{ average_duration: 3 }] })
  expect(await ask(records, { start_date: '2026-06-14' })).toMatchObject({ results: [{ average_duration: 2.333 }] })
  expect(await ask(records, { end_date: '2026-06-16' })).toMatchObject({ results: [{ average_duration: 4.667 }] })
})

test('days of a time zone, over the night the clocks change', async () => {
  const { send, clock, sessionDuration } = createCollector()
  const zone = { start_date: '2026-10-25', end_date: '2026-10-25', timezone: 'Europe/Berlin' } // 25 hours
  const start = Date.parse('2026-10-24T22:00:00Z')
  clock.now = start + 48 * HOUR
  await send([
    session(start - 1, 1_000),
    session(start, 2_000),
    session(start + 25 * HOUR - 1, 4_000),
    session(start + 25 * HOUR, 8_000),
  ])
  expect(await (await sessionDuration(zone)).json()).toMatchObject({ results: [{ average_duration: 3 }] })
})

test('open sessions count with their duration so far', async () => {
  const { send, sessionDuration } = createCollector()
  const request = { start_date: '2026-06-15', end_date: '2026-06-15' }
  const growing = session(START, 5_000, { state: 'active' })
  await send([growing])
  expect(await (await sessionDuration(request)).json()).toMatchObject({ results: [{ average_duration: 5 }] })
  await send([{ ...growing, seq: 2, totalMs: 9_000, visibleMs: 9_000, spans: [['engaged', 0, 9_000]] }])
  expect(await (await sessionDuration(request)).json()).toMatchObject({ results: [{ average_duration: 9 }] })
})

test('who: the user, else the visitor, else nobody unless asked for', async () => {
  const { visitorId: _, ...nobody } = session(START, 3_000)
  const records = [session(START, 1_000, { userId: 'ann' }), session(START, 2_000), nobody]
  const known = [
    { user_id: 'ann', average_duration: 1 },
    { user_id: 'visitor-1', average_duration: 2 },
  ]
  expect(await ask(records, {})).toEqual({ results: known })
  expect(await ask(records, { anonymous: true })).toEqual({
    results: [{ user_id: null, average_duration: 3 }, ...known],
  })
})

test('a sampled session stands for those left out', async () => {
  const records = [session(START, 1_000), session(START, 4_000, { samplingRate: 0.5 })]
  expect(await ask(records, { percentiles: [33, 34] })).toEqual({
    results: [{ user_id: 'visitor-1', average_duration: 3, percentiles: { 33: 1, 34: 4 } }],
  })
})

test('percentiles beside the average', async () => {
  const records = [1, 2, 3, 4, 100].map((seconds) => session(START, seconds * 1000))
  expect(await ask(records, { percentiles: [50, 90, 12.5] })).toEqual({
    results: [{ user_id: 'visitor-1', average_duration: 22, percentiles: { 50: 3, 90: 100, 12.5: 1 } }],
  })
})

describe('narrowed', () => {
  /** One session over two pages with a minute in between, another on one of them. */
  const first = session(START, 10_000, {
    path: '/learn/algebra',
    visibleMs: 8_000,
    engagedMs: 6_000,
    spans: [
      ['engaged', 0, 6_000],
      ['idle', 6_000, 8_000],
      ['hidden', 8_000, 10_000],
    ],
  })
  const second = { ...session(START + 70_000, 20_000, { path: '/learn/[x]' }), sessionId: first.sessionId }
  const records = [first, second, session(START, 2_000, { path: '/pricing', site: 'shop', userId: 'ann' })]

  test.each([
    ['session', 90],
    ['visible', 28],
    ['engaged', 26],
    ['total', 30],
  ])('to the metric %s', async (metric, seconds) => {
    expect(await ask(records, { metric, site: 'docs' })).toEqual({
      results: [{ user_id: 'visitor-1', average_duration: seconds }],
    })
  })

  test.each([
    ['/learn/algebra', 'visible', 8],
    ['/learn/*', 'visible', 28],
    ['*algebra', 'engaged', 6],
    ['/l*n/al*', 'total', 10],
    ['/learn/[x]', 'total', 20], // no set of characters
    ['/learn/algebra', 'session', 90], // the whole sessions that came by
  ])('to the page %s: %s', async (page, metric, seconds) => {
    expect(await ask(records, { page, metric })).toEqual({
      results: [{ user_id: 'visitor-1', average_duration: seconds }],
    })
  })

  test.each(['/learn', '/learn/?lgebra', '/LEARN/*', '*x', "' OR 1=1 --"])('to the page %s: nothing', async (page) => {
    expect(await ask(records, { page, metric: 'visible' })).toEqual({ results: [] })
    expect(await ask(records, { page })).toEqual({ results: [] })
  })

  test('to the site', async () => {
    expect(await ask(records, { site: 'shop' })).toEqual({ results: [{ user_id: 'ann', average_duration: 2 }] })
    expect(await ask(records, { site: 'sho' })).toEqual({ results: [] })
  })

  test('a page pattern made to be slow is not', async () => {
    const long = session(START, 1_000, { path: `/${'a'.repeat(1023)}` })
    expect(await ask([long], { page: `${'*a'.repeat(500)}*b` })).toEqual({ results: [] })
  })
})

describe('refused', () => {
  const DATE = 'want a date as YYYY-MM-DD'
  test.each<[object, string]>([
    [{ start_date: '2026-06-16' }, 'Start date cannot be after end date'],
    [{ start_date: undefined }, `start_date: ${DATE}`],
    [{ end_date: undefined }, `end_date: ${DATE}`],
    [{ start_date: '15.06.2026' }, `start_date: ${DATE}`],
    [{ end_date: '2026-02-30' }, `end_date: ${DATE}`],
    [{ end_date: 20260615 }, `end_date: ${DATE}`],
    [{ timezone: 'Mars/Base' }, 'timezone: want the name of an IANA time zone'],
    [{ timezone: null }, 'timezone: want the name of an IANA time zone'],
    [{ metric: 'dwell' }, 'metric: want one of session, visible, engaged, total'],
    [{ site: 7 }, 'site: want a text of 1 to 255 characters'],
    [{ page: '' }, 'page: want a text of 1 to 1024 characters'],
    [{ percentiles: 50 }, 'percentiles: want a list of numbers'],
    [{ percentiles: [101] }, 'percentiles.0: want a number from 0 to 100'],
    [{ percentiles: Array(21).fill(1) }, 'percentiles: want at most 20 numbers'],
    [{ anonymous: 'yes' }, 'anonymous: want true or false'],
    [{ time_zone: 'UTC' }, 'time_zone: want no such field'],
  ])('%j', async (request, detail) => {
    const { sessionDuration } = createCollector()
    const response = await sessionDuration({ start_date: '2026-06-15', end_date: '2026-06-15', ...request })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ detail })
  })

  test('what is no JSON, or no object', async () => {
    const { app } = createCollector()
    const env = { incoming: { socket: { remoteAddress: '::1' } } } as never
    for (const [body, detail] of [
      ['{', 'body: want JSON'],
      ['', 'body: want JSON'],
      ['7', 'body: want an object'],
    ]) {
      const response = await app.request('/api/session-duration', { method: 'POST', body: body! }, env)
      expect([response.status, await response.json()]).toEqual([400, { detail }])
    }
  })
})
