import { expect, test } from 'vitest'
import { createCollector } from '../support/collector.ts'
import { id, START, view } from '../support/records.ts'

const inSession = (number: number, changes = {}) =>
  view({
    viewId: id(`a${number}`),
    sessionId: id(`5${number}`),
    sessionStartedAt: START + number,
    startedAt: START + number,
    ...changes,
  })

test('a session with its views, as they were sent', async () => {
  const { send, sessions, clock } = createCollector()
  const second = view({ viewId: id('0b'), startedAt: START + 60_000, userId: 'ann' })
  await send([second, view()])
  const receipt = { receivedAt: clock.now, skewMs: 0 }
  expect(await sessions()).toEqual([
    {
      sessionId: id('5e'),
      site: 'docs',
      userId: 'ann',
      visitorId: 'visitor-1',
      startedAt: START,
      endedAt: START + 120_000,
      lastActivityAt: START + 60_000,
      durationMs: 120_000,
      totalMs: 120_000,
      visibleMs: 120_000,
      engagedMs: 120_000,
      status: 'open',
      endReason: null,
      views: [
        { ...view(), ...receipt },
        { ...second, ...receipt },
      ],
    },
  ])
})

test('the newest first, as many as asked for, of one site if asked for', async () => {
  const { send, sessions } = createCollector()
  await send([inSession(1), inSession(3, { site: 'shop' }), inSession(2)])
  const order = async (query?: string) => (await sessions(query)).map((session) => session.sessionId)
  expect(await order()).toEqual([id('53'), id('52'), id('51')])
  expect(await order('?limit=2')).toEqual([id('53'), id('52')])
  expect(await order('?site=docs&limit=1')).toEqual([id('52')])
  expect(await order('?site=nobody')).toEqual([])
})

test('50 unless asked otherwise', async () => {
  const { send, sessions } = createCollector()
  await send(Array.from({ length: 60 }, (_, index) => inSession(index)))
  expect(await sessions()).toHaveLength(50)
  expect(await sessions('?limit=200')).toHaveLength(60)
})

test.each([
  ['limit=0', 'limit: want an integer from 1 to 200'],
  ['limit=201', 'limit: want an integer from 1 to 200'],
  ['limit=ten', 'limit: want an integer from 1 to 200'],
  ['limit=-1', 'limit: want an integer from 1 to 200'],
  ['limit=', 'limit: want an integer from 1 to 200'],
  ['site=', 'site: want a text of 1 to 255 characters'],
  ['page=2', 'page: want no such field'],
])('%s is refused', async (query, detail) => {
  const response = await createCollector().read(`/api/reports/sessions?${query}`)
  expect([response.status, await response.json()]).toEqual([400, { detail }])
})
