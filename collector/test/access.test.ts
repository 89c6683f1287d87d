import { describe, expect, test } from 'vitest'
import { createCollector } from './support/collector.ts'

const readRoutes: [method: string, path: string][] = [
  ['POST', '/api/session-duration'],
  ['GET', '/api/reports/sessions'],
  ['GET', '/api/anything-else'],
  ['GET', '/metrics'],
]
const openRoutes: [method: string, path: string][] = [
  ['POST', '/v1/records'],
  ['OPTIONS', '/v1/records'],
  ['GET', '/healthz'],
  ['GET', '/'],
  ['GET', '/dwelltime.js'],
  ['GET', '/demo/'],
]

interface Caller {
  peer?: string
  headers?: Record<string, string>
}

/** Asks as somebody else would; a `peer` that is not given is not known. */
async function ask([method, path]: [string, string], { peer, headers = {} }: Caller) {
  const { app } = createCollector()
  const response = await app.request(path, { method, headers }, {
    ...(peer !== undefined && { incoming: { socket: { remoteAddress: peer } } }),
  } as never)
  const body = await response.text()
  return { status: response.status, problem: response.status === 403 ? JSON.parse(body).problem : undefined }
}

const PEER = 'reading: want a peer on this machine'
const HOST = 'reading: want a local Host header, such as localhost'
const PROXY = 'reading: want no proxy in between'

describe.each(readRoutes)('%s %s', (...route) => {
  test.each<Caller>([
    { peer: '127.0.0.1' },
    { peer: '127.8.9.10' },
    { peer: '::1' },
    { peer: '::ffff:127.0.0.1' },
    { peer: '127.0.0.1', headers: { host: 'localhost:8787' } },
    { peer: '127.0.0.1', headers: { host: 'LOCALHOST' } },
    { peer: '127.0.0.1', headers: { host: '127.0.0.1:65535' } },
    { peer: '::1', headers: { host: '[::1]:8787' } },
    { peer: '::1', headers: { host: '[::1]' } },
  ])('answers %j', async (caller) => {
    expect((await ask(route, caller)).status).not.toBe(403)
  })

  test.each<[Caller, string]>([
    [{}, PEER],
    [{ peer: '' }, PEER],
    [{ peer: 'localhost' }, PEER],
    [{ peer: '10.0.0.1' }, PEER],
    [{ peer: '192.168.1.5', headers: { host: 'localhost' } }, PEER],
    [{ peer: '::ffff:10.0.0.1' }, PEER],
    [{ peer: '2001:db8::1' }, PEER],
    [{ peer: '127.0.0.1', headers: { host: 'stats.example.org' } }, HOST],
    [{ peer: '127.0.0.1', headers: { host: 'localhost.example.org' } }, HOST],
    [{ peer: '127.0.0.1', headers: { host: '127.0.0.1.example.org' } }, HOST],
    [{ peer: '127.0.0.1', headers: { host: 'localhost:8787@example.org' } }, HOST],
    [{ peer: '127.0.0.1', headers: { host: '10.0.0.1' } }, HOST],
    [{ peer: '127.0.0.1', headers: { host: '0.0.0.0:8787' } }, HOST],
    [{ peer: '127.0.0.1', headers: { host: '' } }, HOST],
    [{ peer: '127.0.0.1', headers: { forwarded: 'for=127.0.0.1' } }, PROXY],
    [{ peer: '127.0.0.1', headers: { 'x-forwarded-for': '127.0.0.1' } }, PROXY],
    [{ peer: '127.0.0.1', headers: { 'X-Forwarded-Host': 'localhost' } }, PROXY],
    [{ peer: '127.0.0.1', headers: { 'x-forwarded-proto': 'https' } }, PROXY],
    [{ peer: '127.0.0.1', headers: { 'x-real-ip': '127.0.0.1' } }, PROXY],
    [{ peer: '127.0.0.1', headers: { via: '1.1 proxy' } }, PROXY],
    [{ peer: '127.0.0.1', headers: { 'cf-connecting-ip': '203.0.113.9' } }, PROXY],
  ])('refuses %j', async (caller, problem) => {
    expect(await ask(route, caller)).toEqual({ status: 403, problem })
  })
})

test.each(openRoutes)('%s %s is open to everybody', async (...route) => {
  const caller = { peer: '203.0.113.9', headers: { host: 'stats.example.org', 'x-forwarded-for': '198.51.100.7' } }
  expect((await ask(route, caller)).status).not.toBe(403)
})
