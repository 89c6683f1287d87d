import { describe, expect, test } from 'vitest'
import { createHealth } from '../../src/health.ts'
import { createIngest } from '../../src/ingest/ingest.ts'
import type { Outcome, ReceivedView } from '../../src/store/store.ts'
import { createCollector } from '../support/collector.ts'
import { envelope, id, START, view } from '../support/records.ts'

const body = (...records: unknown[]) => JSON.stringify(envelope(records))

/** Posts as somebody elsewhere. */
function from(app: ReturnType<typeof createCollector>['app'], remoteAddress: string) {
  return (text: string, headers = {}) =>
    app.request('/v1/records', { method: 'POST', body: text, headers: { 'content-type': 'text/plain', ...headers } }, {
      incoming: { socket: { remoteAddress } },
    } as never)
}

describe('the rate limit', () => {
  const records = (count: number, changes = {}) =>
    Array.from({ length: count }, (_, index) => view({ viewId: id(`${index}`), ...changes }))

  test('refuses the whole post and says when to come again', async () => {
    const { app, clock, counted } = createCollector(undefined, { rateLimit: 60 })
    const post = from(app, '203.0.113.9')
    expect((await post(body(...records(59)))).status).toBe(200)
    const refused = await post(body(...records(5)))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '4'])
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    expect(await refused.json()).toEqual({ problem: 'too many records: come again later' })
    expect(await counted('dwelltime_bodies_rejected_total')).toEqual([
      'dwelltime_bodies_rejected_total{reason="rate"} 1',
    ])
    clock.now += 4_000
    expect((await post(body(...records(5)))).status).toBe(200)
  })

  test('is for each address prefix and site', async () => {
    const { app } = createCollector(undefined, { rateLimit: 10 })
    const status = async (address: string, changes = {}) =>
      (await from(app, address)(body(...records(10, changes)))).status
    expect(await status('203.0.113.9')).toBe(200)
    expect(await status('203.0.113.9')).toBe(429)
    expect(await status('203.0.113.9', { site: 'shop', sessionId: id('5b') })).toBe(200)
    expect(await status('203.0.113.10')).toBe(200)
    expect(await status('2001:db8:1:2::1')).toBe(200)
    expect(await status('2001:db8:1:2:ffff::1')).toBe(429)
    expect(await status('2001:db8:1:3::1')).toBe(200)
  })

  test('cannot be walked round with made-up sites or by forged headers', async () => {
    const { app } = createCollector(undefined, { rateLimit: 10 })
    const post = from(app, '203.0.113.9')
    const statuses = []
    for (let index = 0; index < 60; index++) {
      const record = view({ viewId: id(`${index}`), site: `site-${index}` })
      statuses.push((await post(body(record), { 'x-forwarded-for': `198.51.100.${index}` })).status)
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(50)
  })

  test('is by whom a trusted proxy saw', async () => {
    const { app } = createCollector(undefined, { rateLimit: 10, trustedHops: 1 })
    const status = async (forwardedFor: string) =>
      (await from(app, '127.0.0.1')(body(...records(10)), { 'x-forwarded-for': forwardedFor })).status
    expect(await status('198.51.100.1')).toBe(200)
    expect(await status('10.1.1.1, 198.51.100.1')).toBe(429)
    expect(await status('198.51.100.2')).toBe(200)
  })
})

describe('back-pressure', () => {
  /** An ingest whose disk does nothing until it is told to. */
  function createStalled(maxPosts: number) {
    let release = () => {}
    const opened = new Promise<void>((resolve) => (release = resolve))
    const append = async (batch: readonly ReceivedView[]): Promise<Outcome[]> => {
      await opened
      return batch.map(() => 'stored')
    }
    const ingest = createIngest({
      store: { append },
      health: createHealth(),
      ledger: { note() {}, setAside() {}, async flush() {} },
      now: () => new Date(START + 61_000),
      onError: (error) => expect.unreachable(String(error)),
      sites: new Map(),
      rateLimit: 0,
      maxPosts,
    })
    const post = (records: unknown[]) =>
      ingest(new Request('http://localhost/v1/records', { method: 'POST', body: body(...records) }), 'somewhere')
    return { post, release }
  }

  test('posts beyond the limit are told to come again, and those before are stored', async () => {
    const { post, release } = createStalled(3)
    const waiting = [1, 2, 3].map((digit) => post([view({ viewId: id(`${digit}`) })]))
    const refused = { status: 503, fault: 'overload', retryAfter: 5 }
    expect(await post([view({ viewId: id('4') })])).toMatchObject({ refusal: refused })
    release()
    expect(await Promise.all(waiting)).toMatchObject([1, 2, 3].map(() => ({ answer: { accepted: 1 } })))
    expect(await post([view({ viewId: id('4') })])).toMatchObject({ answer: { accepted: 1 } })
  })

  test('so are records beyond what may wait for the disk', async () => {
    const { post, release } = createStalled(1_000)
    const hundred = Array.from({ length: 100 }, (_, index) => view({ viewId: id(`${index}`) }))
    const posts = Array.from({ length: 103 }, () => post(hundred))
    const refused = await Promise.race([Promise.any(posts.slice(100)), posts[102]!])
    expect(refused).toMatchObject({ refusal: { status: 503, fault: 'overload', retryAfter: 5 } })
    release()
    const answers = await Promise.all(posts)
    expect(answers.filter(({ answer }) => answer?.accepted === 100)).toHaveLength(100)
  })
})

describe('SITES', () => {
  test('keeps out other sites and other origins, record by record', async () => {
    const { post, sessions, counted } = createCollector(undefined, {
      sites: new Map([['docs', ['https://docs.example.org']]]),
    })
    const origin = { origin: 'https://docs.example.org' }
    const answer = await post(body(view(), view({ viewId: id('b'), site: 'shop' })), origin)
    expect(await answer.json()).toEqual({
      accepted: 1,
      problems: [{ index: 1, problem: 'site: want one that this collector was told to take' }],
    })
    const elsewhere = await post(body(view({ seq: 2 })), { origin: 'https://evil.example' })
    expect(await elsewhere.json()).toMatchObject({ accepted: 0 })
    expect(await sessions()).toMatchObject([{ site: 'docs', views: [{ seq: 1 }] }])
    expect(await counted('dwelltime_records_rejected')).toEqual(['dwelltime_records_rejected_total{reason="site"} 2'])
  })
})

test('bots are marked and the device class is kept, the user agent and the address are not', async () => {
  const { app, store, flush } = createCollector()
  const agent = 'Mozilla/5.0 (Linux; Android 10; K) Mobile compatible; Googlebot/2.1'
  await from(app, '203.0.113.9')(body(view()), { 'user-agent': agent })
  await flush()
  const [changed] = await store.changedSessions(await store.lastChange(), 1)
  expect(changed!.views).toMatchObject([{ isBot: true, device: 'mobile' }])
  expect(JSON.stringify(changed)).not.toMatch(/Googlebot|203\.0\.113/)
})
