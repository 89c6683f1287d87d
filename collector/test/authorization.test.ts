import { describe, expect, test } from 'vitest'
import { openApi } from '../src/openapi.ts'
import { createCollector } from './support/collector.ts'
import { id, START, view } from './support/records.ts'

// Every route of the OpenAPI document, asked by everybody who may come along.

interface Operation {
  security: object[]
  parameters: { name: string; in: string; required: boolean }[]
  'x-limited-token-sees'?: 'pages' | 'site' | 'nothing'
}

const { paths } = openApi({ path: '/metrics', port: undefined }) as { paths: Record<string, Record<string, Operation>> }

const READ = 'read-token-of-the-test'
const OF_SITE = 'site-token-of-the-test'
const OF_PAGES = 'page-token-of-the-test'
const ADMIN = 'admin-token-of-the-test'

const tokens = {
  read: [{ token: READ }, { token: OF_SITE, site: 'docs' }, { token: OF_PAGES, site: 'docs', page: '/learn/*' }],
  admin: ADMIN,
}

interface Asker {
  peer: string
  headers?: Record<string, string>
}

const bearer = (token: string, peer = '203.0.113.9'): Asker => ({ peer, headers: { authorization: `Bearer ${token}` } })
const askers = {
  'nobody, from here': { peer: '127.0.0.1' },
  'nobody, through a proxy': { peer: '127.0.0.1', headers: { 'x-forwarded-for': '203.0.113.9' } },
  'nobody, from elsewhere': { peer: '203.0.113.9' },
  'a wrong token, from here': bearer('no-such-token-at-all', '127.0.0.1'),
  'the read token': bearer(READ),
  'the token of a site': bearer(OF_SITE),
  'the token of pages': bearer(OF_PAGES),
  'the admin token': bearer(ADMIN),
} satisfies Record<string, Asker>
type Name = keyof typeof askers

/** What everybody must get, by nothing but what the document says of the route. */
function expected({ security, 'x-limited-token-sees': narrowing }: Operation): Record<Name, number> {
  const isOpen = security.length === 0
  const isAdmins = security.length === 1
  const isWritten = security.length === 2
  const strangers = isOpen ? 200 : 401
  const readers = isAdmins || isWritten ? 403 : 200
  return {
    'nobody, from here': isWritten ? 200 : readers,
    'nobody, through a proxy': strangers,
    'nobody, from elsewhere': strangers,
    'a wrong token, from here': strangers,
    'the read token': readers,
    'the token of a site': narrowing === 'nothing' ? 403 : readers,
    'the token of pages': narrowing === undefined || narrowing === 'pages' ? readers : 403,
    'the admin token': 200,
  }
}

const bodies: Record<string, object> = {
  '/v1/records': { v: 1, sentAt: START, deferred: false, via: 'fetch', attempts: 1, dropped: 0, records: [] },
  '/api/session-events': {
    ...{ event: 'session_start', event_version: '1.0', event_id: 'e1', component_name: 'job', shell_type: 'Job' },
    timestamp: '2026-06-15T12:00:00Z',
  },
  '/mcp': { jsonrpc: '2.0', id: 1, method: 'tools/list' },
  '/api/session-duration': { start_date: '2026-06-15', end_date: '2026-06-15' },
}

const TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

async function ask(method: string, path: string, { parameters }: Operation, { peer, headers }: Asker) {
  const { app } = createCollector(undefined, { tokens })
  const required = parameters.filter((parameter) => parameter.in === 'query' && parameter.required)
  const query = required.map(({ name }) => `${name}=${id('5e')}`).join('&')
  const init = { method: method.toUpperCase(), headers: { ...TYPES, ...headers } }
  const body = method === 'post' ? JSON.stringify(bodies[path]) : undefined
  const env = { incoming: { socket: { remoteAddress: peer } } } as never
  const url = `http://localhost${path.replace('{id}', 'ann')}?${query}`
  return app.request(url, { ...init, ...(body !== undefined && { body }) }, env)
}

describe('the document', () => {
  test('has every route that the collector has, but for files', () => {
    const { app } = createCollector()
    const routes = app.routes
      .filter(({ method, path }) => method !== 'ALL' && method !== 'OPTIONS' && path !== '/')
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`)
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    )
    expect([...new Set(routes)].sort()).toEqual(documented.sort())
  })

  test('is served, and names its schemas', async () => {
    const response = await createCollector().app.request('/openapi.json')
    const document = (await response.json()) as { components: { schemas: Record<string, object> } }
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['SessionDurationParams', 'DurationResult', 'SessionDurationResponse', 'PagesRow']),
    )
    expect(document.components.schemas.SessionDurationParams).toMatchObject({
      required: ['start_date', 'end_date'],
      properties: { metric: { enum: ['session', 'visible', 'engaged', 'total'] } },
    })
    const named = JSON.stringify(document).match(/#\/components\/schemas\/\w+/g)!
    for (const name of named) expect(document.components.schemas).toHaveProperty(name.split('/').at(-1)!)
  })
})

const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => [method, path, operation] as const),
)

describe.each(operations)('%s %s', (method, path, operation) => {
  test.each(Object.keys(askers) as Name[])('asked by %s', async (name) => {
    const response = await ask(method, path, operation, askers[name])
    expect(response.status).toBe(expected(operation)[name])
    if (response.status === 401) expect(response.headers.get('www-authenticate')).toBe('Bearer')
  })
})

describe('a limited token', () => {
  const day = 'start_date=2026-06-15&end_date=2026-06-15'

  const RECORDS = [
    view(),
    view({ viewId: id('a2'), path: '/secret' }),
    view({ viewId: id('a3'), sessionId: id('5a'), site: 'shop', userId: 'ann' }),
  ]

  async function createWorld(records = RECORDS) {
    const { app, send } = createCollector(undefined, { tokens })
    await send(records)
    const env = { incoming: { socket: { remoteAddress: '203.0.113.9' } } } as never
    return async (token: string, url: string, init: RequestInit = {}) => {
      const response = await app.request(url, { ...init, headers: { authorization: `Bearer ${token}` } }, env)
      return { status: response.status, body: await response.json() }
    }
  }

  test('sees its site and nothing of another, whatever is asked', async () => {
    const get = await createWorld()
    const body = JSON.stringify({ start_date: '2026-06-15', end_date: '2026-06-15' })
    const post = { method: 'POST', body }
    expect((await get(OF_SITE, '/api/session-duration', post)).body).toMatchObject({ results: { length: 1 } })
    expect((await get(READ, '/api/session-duration', post)).body).toMatchObject({ results: { length: 2 } })
    expect((await get(OF_SITE, '/api/reports/sessions')).body).toMatchObject({ sessions: [{ site: 'docs' }] })
    expect((await get(OF_SITE, `/api/reports/overview?${day}`)).body).toMatchObject({
      rows: [{ views: { sampled: 2 } }],
    })
    expect(await get(OF_SITE, `/api/reports/overview?${day}&site=shop`)).toMatchObject({ status: 403 })
    expect((await get(OF_SITE, `/api/reports/timeline?session=${id('5a')}`)).body).toEqual({ rows: [] })
  })

  test('sees its pages and no other, whatever is asked', async () => {
    const get = await createWorld()
    const pages = async (query: string) => (await get(OF_PAGES, `/api/reports/pages?${day}${query}`)).body
    expect(await pages('')).toMatchObject({ rows: [{ path: '/learn/algebra', next: null }] })
    expect(await pages('&page=/secret')).toEqual({ rows: [] })
    expect(await pages('&page=*')).toMatchObject({ rows: { length: 1 } })
  })

  test('is not told by a share how many sessions there are on other pages', async () => {
    const get = await createWorld([view(), view({ viewId: id('a2'), sessionId: id('5b'), path: '/secret' })])
    const shares = async (token: string) => {
      const { rows } = (await get(token, `/api/reports/pages?${day}`)).body as { rows: { exitShare: number }[] }
      return rows.map(({ exitShare }) => exitShare)
    }
    expect(await shares(READ)).toEqual([0.5, 0.5])
    expect(await shares(OF_PAGES)).toEqual([1])
  })
})
