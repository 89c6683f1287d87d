import { expect, test } from 'vitest'
import { openSqliteStore } from '../src/store/sqlite/sqlite.ts'
import { createCollector, fromHere } from './support/collector.ts'

test('it is well', async () => {
  const response = await createCollector().app.request('/healthz')
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
})

test.each(['/nowhere', '/v1', '/v1/records/1', '/api', '/api/reports', '/', '/dwelltime.js', '/demo/'])(
  '%s is not there (nor are files without a directory)',
  async (path) => {
    const response = await createCollector().app.request(path, {}, fromHere)
    expect([response.status, await response.json()]).toEqual([404, { problem: 'no such route' }])
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  },
)

test.each([
  ['GET', '/v1/records', 'POST, OPTIONS'],
  ['DELETE', '/v1/records', 'POST, OPTIONS'],
  ['GET', '/api/session-duration', 'POST'],
  ['POST', '/api/reports/sessions', 'GET'],
  ['POST', '/metrics', 'GET'],
  ['PUT', '/healthz', 'GET'],
  ['OPTIONS', '/healthz', 'GET'],
])('%s %s is not how it is done', async (method, path, allow) => {
  const response = await createCollector().app.request(path, { method }, fromHere)
  expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
  expect(await response.json()).toEqual({ problem: `method: want ${allow.replace(', ', ' or ')}` })
})

test('HEAD is answered wherever GET is', async () => {
  const response = await createCollector().app.request('/healthz', { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([200, ''])
})

test('what goes wrong inside is for the log, not for the caller', async () => {
  const store = { ...openSqliteStore(':memory:'), lastChange: () => Promise.reject(new Error('secret')) }
  const { read, logged } = createCollector(store)
  const response = await read('/api/reports/sessions?site=who')
  expect([response.status, await response.json()]).toEqual([
    500,
    { problem: 'something went wrong here; the log says more' },
  ])
  expect(logged).toEqual([
    {
      level: 'error',
      event: 'a request failed',
      facts: { err: new Error('secret'), method: 'GET', route: expect.stringContaining('/api/') },
    },
  ])
})
