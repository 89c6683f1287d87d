import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../src/store/sqlite/sqlite.ts'
import { createCollector } from './support/collector.ts'
import { temporaryDirectory } from './support/directory.ts'

function createSite() {
  const directory = temporaryDirectory()
  const publicDir = join(directory, 'public')
  mkdirSync(join(publicDir, 'demo', 'app'), { recursive: true })
  writeFileSync(join(directory, 'secret.txt'), 'secret')
  writeFileSync(join(publicDir, 'dwelltime.js'), 'let dwelltime')
  writeFileSync(join(publicDir, 'dwelltime.full.js'), 'let full')
  writeFileSync(join(publicDir, 'demo', 'index.html'), '<h1>demo</h1>')
  writeFileSync(join(publicDir, 'demo', 'style.css'), 'h1 {}')
  writeFileSync(join(publicDir, 'demo', 'app', 'index.html'), '<h1>app</h1>')
  mkdirSync(join(publicDir, 'dashboard'))
  writeFileSync(join(publicDir, 'dashboard', 'index.html'), '<h1>dashboard</h1>')
  writeFileSync(join(publicDir, 'dashboard', 'dashboard-a1b2_3-4.js'), 'draw()')
  writeFileSync(join(publicDir, 'dashboard', 'dashboard-a1b2_3-4.js.br'), 'squeezed')
  const { app } = createCollector(openSqliteStore(':memory:'), { publicDir })
  return { get: (path: string, headers = {}) => app.request(path, { headers }), publicDir }
}

test.each([
  ['dwelltime.js', 'let dwelltime'],
  ['dwelltime.full.js', 'let full'],
])('%s may be loaded by pages anywhere, and is asked for again only when it changed', async (script, text) => {
  const { get, publicDir } = createSite()
  const response = await get(`/${script}`)
  expect(await response.text()).toBe(text)
  const headers = {
    'access-control-allow-origin': '*',
    'cache-control': 'public, max-age=300, stale-while-revalidate=86400',
    'cross-origin-resource-policy': 'cross-origin',
    etag: expect.stringMatching(/^"\w+"$/),
  }
  expect(Object.fromEntries(response.headers)).toMatchObject({
    ...headers,
    'content-type': 'text/javascript; charset=utf-8',
  })

  const known = { 'if-none-match': response.headers.get('etag') }
  const unchanged = await get(`/${script}`, known)
  expect([unchanged.status, await unchanged.text()]).toEqual([304, ''])
  expect(Object.fromEntries(unchanged.headers)).toMatchObject(headers)
  writeFileSync(join(publicDir, script), 'let newer')
  expect(await (await get(`/${script}`, known)).text()).toBe('let newer')
})

test('the demo', async () => {
  const { get } = createSite()
  const redirect = await get('/demo')
  expect([redirect.status, redirect.headers.get('location')]).toEqual([302, '/demo/'])
  const index = await get('/demo/')
  expect([await index.text(), index.headers.get('content-type')]).toEqual(['<h1>demo</h1>', 'text/html; charset=utf-8'])
  const style = await get('/demo/style.css')
  expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
  expect(await (await get('/demo/app/')).text()).toBe('<h1>app</h1>')
})

test('the dashboard, which lets no foreign script in', async () => {
  const { get } = createSite()
  const page = await get('/')
  expect(await page.text()).toBe('<h1>dashboard</h1>')
  const policy = page.headers.get('content-security-policy')!.split('; ')
  expect(policy).toEqual(
    expect.arrayContaining([
      ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"],
    ]),
  )
  expect(policy.join()).not.toMatch(/unsafe|http|data:|\*/)
  expect(page.headers.get('cache-control')).toBe('no-cache')
  const unchanged = await get('/', { 'if-none-match': page.headers.get('etag') })
  expect([unchanged.status, unchanged.headers.get('content-security-policy')]).toEqual([304, policy.join('; ')])
})

test('its script is compressed for whoever takes that, and kept for good, as its name changes with it', async () => {
  const { get } = createSite()
  const script = await get('/dashboard/dashboard-a1b2_3-4.js', { 'accept-encoding': 'gzip, br' })
  expect([await script.text(), script.headers.get('content-encoding')]).toEqual(['squeezed', 'br'])
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(script.headers.get('vary')).toBe('Accept-Encoding')
  const plain = await get('/dashboard/dashboard-a1b2_3-4.js')
  expect([await plain.text(), plain.headers.get('content-encoding')]).toEqual(['draw()', null])
  expect((await get('/dashboard/index.html')).headers.get('cache-control')).toBe('no-cache')
  expect((await get('/dashboard/missing.js')).status).toBe(404)
})

test.each([
  '/dashboard/../secret.txt',
  '/dashboard/%2e%2e%2f%2e%2e%2fsecret.txt',
  '/demo/missing.html',
  '/demo/../../secret.txt',
  '/demo/%2e%2e/%2e%2e/secret.txt',
  '/demo/..%2f..%2fsecret.txt',
  '/demo/..\\..\\secret.txt',
  '/demo/%00',
  '/demo//etc/passwd',
])('%s is not served', async (path) => {
  expect((await createSite().get(path)).status).toBe(404)
})
