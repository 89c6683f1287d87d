import { safeParse } from 'valibot'
import { describe, expect, test } from 'vitest'
import { ApiError, createClient } from '../../src/client.ts'
import { REPORTS } from '../../src/reports/reports.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import { createCollector } from '../support/collector.ts'
import { id, view } from '../support/records.ts'

const DATE = 'want a date as YYYY-MM-DD'

test.each([
  ['overview?start_date=2026-06-16&end_date=2026-06-15', 'Start date cannot be after end date'],
  ['overview?start_date=yesterday', `start_date: ${DATE}`],
  ['overview?end_date=2026-02-29', `end_date: ${DATE}`],
  ['overview?start_date=2020-01-01&end_date=2026-06-15', 'end_date: want at most 800 days after start_date'],
  ['overview?timezone=Mars/Base', 'timezone: want the name of an IANA time zone'],
  ["overview?timezone=UTC';--", 'timezone: want the name of an IANA time zone'],
  ['overview?device=fridge', 'device: want one of desktop, mobile, tablet, other'],
  ['overview?bots=some', 'bots: want one of include, exclude'],
  ['overview?format=xml', 'format: want one of json, csv'],
  ['overview?pages=/', 'pages: want no such field'],
  ['pages?limit=0', 'limit: want an integer from 1 to 1000'],
  ['pages?limit=1;DROP', 'limit: want an integer from 1 to 1000'],
  ['campaigns?by=path', 'by: want one of campaign, referrer'],
  ['timeline', 'session: want the 32 hex digits of a session'],
  ["timeline?session=' OR 1=1", 'session: want the 32 hex digits of a session'],
])('%s is refused', async (query, detail) => {
  const response = await createCollector().read(`/api/reports/${query}`)
  expect([response.status, await response.json()]).toEqual([400, { detail }])
})

test('leap days and the ends of years are days', async () => {
  const { report } = createCollector()
  for (const [start_date, end_date, days] of [
    ['2028-02-28', '2028-03-01', 3],
    ['2026-12-31', '2027-01-01', 2],
  ] as const) {
    expect(await report('trend', { start_date, end_date })).toHaveLength(days)
  }
})

test('without dates it is the last 30 days, today included', async () => {
  const { report } = createCollector()
  const days = (await report('trend', {})).map(({ day }) => day)
  expect([days[0], days.at(-1), days.length]).toEqual(['2026-05-17', '2026-06-15', 30])
})

describe.each(REPORTS)('$name', (report) => {
  test('answers as its schema says', async () => {
    const { send, read } = createCollector()
    const timers = { lesson: [1, 1, 1] as [number, number, number] }
    await send([
      view({ timers, thresholds: [30], scrollDepth: 0.5, userId: 'ann' }),
      view({ viewId: id('b'), path: '/next' }),
    ])
    const query =
      report.name === 'timeline' ? `session=${id('5e')}&` : report.name === 'inactive-users' ? 'days=1&' : ''
    const response = await read(`/api/reports/${report.name}?${query}start_date=2026-06-15&end_date=2026-06-15`)
    const { rows } = (await response.json()) as { rows: object[] }
    if (report.name !== 'inactive-users') expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(safeParse(report.row, row).issues).toBeUndefined()
  })
})

test('the client tells what was wrong, and with which status', async () => {
  const { app } = createCollector()
  const client = createClient({ origin: 'http://localhost', fetch: (url, init) => app.request(url, init) })
  await expect(client.report('overview', {})).rejects.toEqual(new ApiError(403, 'reading: want a peer on this machine'))
})

test('deleting wants the admin token, and is told what went', async () => {
  const admin = 'admin-token-of-the-test'
  const { app, send, client } = createCollector(undefined, { tokens: { read: [], admin } })
  await send([view({ userId: 'ann/../é' })])
  await expect(client.deleteUser('ann/../é')).rejects.toMatchObject({ status: 403 })
  const admins = createClient({
    origin: 'http://localhost',
    token: admin,
    fetch: (url, init) => app.request(url, init),
  })
  expect(await admins.deleteUser('ann/../é')).toEqual({ sessions: 1, views: 1 })
  expect(await admins.sessions()).toEqual({ sessions: [] })
})

test('/readyz says whether it can store', async () => {
  expect((await createCollector().app.request('/readyz')).status).toBe(200)
  const store = { ...openSqliteStore(':memory:'), check: () => Promise.reject(new Error('disk full')) }
  const { app, logged } = createCollector(store)
  const response = await app.request('/readyz')
  expect([response.status, await response.json(), logged.length]).toEqual([503, { status: 'cannot store' }, 1])
})
