import { gzipSync } from 'node:zlib'
import { MAX_BODY_BYTES, type ViewRecord } from 'dwelltime/protocol'
import { describe, expect, test } from 'vitest'
import { createCollector } from '../support/collector.ts'
import { envelope, id, view as plainView, START } from '../support/records.ts'
import { createServer } from '../support/server.ts'

// Whatever somebody sends: what it gets, and that the next good record is stored as if nothing had been.

const DAY_MS = 24 * 60 * 60 * 1000

type Body = string | Uint8Array<ArrayBuffer>
const text = (...records: unknown[]) => JSON.stringify(envelope(records))
/** Has a title, so that every part of a record can be replaced. */
const view = (changes: Partial<ViewRecord> = {}) => plainView({ title: 't', ...changes })
const padded = (length: number) => text().padEnd(length)

/** The JSON of a good post with a piece of its text replaced. */
const edited = (from: string | RegExp, to: string) => {
  const good = text(view())
  const bad = good.replace(from, to)
  if (bad === good) throw new Error(`nothing to replace: ${from}`)
  return bad
}
const bytes = (bad: string, marked: string, ...replacement: number[]) => {
  const buffer = Buffer.from(bad)
  const at = buffer.indexOf(marked)
  return new Uint8Array(
    Buffer.concat([buffer.subarray(0, at), Buffer.from(replacement), buffer.subarray(at + marked.length)]),
  )
}
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const keys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join()}}`

interface BadInput {
  name: string
  body: Body
  headers?: Record<string, string>
  gets: [status: number, problem: string]
}

const problem = (name: string, body: Body, want: string): BadInput => ({ name, body, gets: [200, want] })
const refused = (name: string, body: Body, status: number, want: string, headers = {}): BadInput => ({
  name,
  body,
  headers,
  gets: [status, want],
})

const TOO_LARGE = `body: want at most ${MAX_BODY_BYTES} bytes`
const INSTANT = 'want an instant at most 7 days before receipt or 1 day after'

const badInputs: BadInput[] = [
  refused('nothing', '', 400, 'body: want JSON'),
  refused('one byte', '{', 400, 'body: want JSON'),
  refused('one byte too many', padded(MAX_BODY_BYTES + 1), 413, TOO_LARGE),
  refused('10 MiB', '['.padEnd(10 * 1024 * 1024), 413, TOO_LARGE),
  refused(
    'a compression bomb',
    new Uint8Array(gzipSync(Buffer.alloc(10_000_000))),
    415,
    'content-encoding: want none',
    {
      'content-encoding': 'gzip',
    },
  ),
  refused('compressed, without saying so', new Uint8Array(gzipSync(text(view()))), 400, 'body: want JSON'),
  refused('a NUL between tokens', `${text(view())}\0`, 400, 'body: want JSON'),
  refused('UTF-16', new Uint8Array(Buffer.from(text(view()), 'utf16le')), 400, 'body: want JSON'),
  refused('depth 10,000', nested(10_000), 400, 'v: want 1, not undefined'),
  refused('depth 30,000, unclosed', '['.repeat(30_000), 400, 'body: want JSON'),
  refused('NaN', edited('"seq":1', '"seq":NaN'), 400, 'body: want JSON'),
  refused('a number with a leading zero', edited('"seq":1', '"seq":01'), 400, 'body: want JSON'),
  refused('5,000 unknown keys', keys(5_000), 400, 'v: want 1, not undefined'),
  refused('an unknown version', edited('"v":1', '"v":99'), 400, 'v: want 1, not 99'),
  refused('no records', edited('"records":[', '"record":['), 400, 'records: want a list of records'),
  refused('101 records', text(...Array(101).fill(view())), 400, 'records: want at most 100 records'),
  refused('a form', 'a=b', 415, 'content-type: want text/plain or application/json', {
    'content-type': 'application/x-www-form-urlencoded',
  }),
  problem('depth 10,000 in a field', edited('"title":"t"', `"title":${nested(10_000)}`), 'title: want a text'),
  problem('1e400', edited('"totalMs":60000', '"totalMs":1e400'), 'totalMs: want an integer >= 0'),
  problem('2^53 + 1', edited('"totalMs":60000', '"totalMs":9007199254740993'), 'totalMs: want an integer >= 0'),
  problem('a duration below 0', edited('"visibleMs":60000', '"visibleMs":-1'), 'visibleMs: want an integer >= 0'),
  problem('a fraction', edited('"visibleMs":60000', '"visibleMs":0.5'), 'visibleMs: want an integer >= 0'),
  problem('400 days', edited('"totalMs":60000', `"totalMs":${400 * DAY_MS}`), 'totalMs: want at most 2678400000'),
  problem('"NaN"', edited('"totalMs":60000', '"totalMs":"NaN"'), 'totalMs: want an integer >= 0'),
  problem('null for a number', edited('"seq":1', '"seq":null'), 'seq: want an integer >= 1'),
  problem('a list for a text', edited('"path":"/learn/algebra"', '"path":["/"]'), 'path: want a text of 1 to 1024'),
  problem('an object for a list', edited(/"spans":\[\[.*?\]\]/, '"spans":{}'), 'spans: want a list of spans'),
  problem('own __proto__', edited('"seq":1', '"seq":1,"__proto__":{"isAdmin":true}'), '__proto__: want no such field'),
  problem('constructor', edited('"seq":1', '"seq":1,"constructor":{}'), 'constructor: want no such field'),
  problem('toJSON', edited('"seq":1', '"seq":1,"toJSON":"x"'), 'toJSON: want no such field'),
  problem(
    'a user id as an object',
    edited('"visitorId":"visitor-1"', '"visitorId":{"$ne":""}'),
    'visitorId: want a text',
  ),
  problem(
    '2,000 unknown keys in a record',
    edited('"seq":1', `"seq":1,${keys(2_000).slice(1, -1)}`),
    'k0: want no such',
  ),
  problem('the last of two equal keys', edited('"seq":1', '"seq":1,"seq":0'), 'seq: want an integer >= 1'),
  problem('an instant in 1970', edited(`"startedAt":${START}`, '"startedAt":0'), `startedAt: ${INSTANT}`),
  problem('an instant in 9999', edited(`"startedAt":${START}`, '"startedAt":253402300799000'), `startedAt: ${INSTANT}`),
  problem('a clock from 1970', edited(/"sentAt":\d+/, '"sentAt":0'), `sessionStartedAt: ${INSTANT}`),
  problem('a clock from 9999', edited(/"sentAt":\d+/, '"sentAt":253402300799000'), `sessionStartedAt: ${INSTANT}`),
  problem(
    'more time than there was',
    edited('"totalMs":60000', `"totalMs":${20 * DAY_MS}`),
    'totalMs: want at most the',
  ),
  problem('one of 10^9 sampled', edited('"samplingRate":1', '"samplingRate":1e-9'), 'samplingRate: want at least'),
  problem('a rate of 0', edited('"samplingRate":1', '"samplingRate":0'), 'samplingRate: want a number above 0'),
  problem('a title of 257', edited('"title":"t"', `"title":"${'t'.repeat(257)}"`), 'title: want a text of at most 256'),
  problem('an id in capitals', edited(id('a1'), id('a1').toUpperCase()), 'viewId: want 32 lower-case hex digits'),
  problem(
    '49 spans',
    edited(/"spans":\[\[.*?\]\]/, `"spans":${JSON.stringify(Array(49).fill(['idle', 0, 1]))}`),
    'spans: want',
  ),
]

function good(changes = {}) {
  return view({ viewId: id('900d'), sessionId: id('900d'), ...changes })
}

describe('bad input', () => {
  test.each(badInputs.map((input) => [input.name, input] as const))('%s', async (_, { body, headers, gets }) => {
    const { post, send, sessions } = createCollector()
    const response = await post(body, headers)
    const answer = (await response.json()) as { problem?: string; problems?: { problem: string }[]; accepted?: number }
    expect([response.status, answer.problem ?? answer.problems?.[0]?.problem]).toEqual([
      gets[0],
      expect.stringContaining(gets[1]),
    ])
    if (gets[0] === 200) expect(answer.accepted).toBe(0)
    expect(JSON.stringify(answer).length).toBeLessThan(500) // an answer is no mirror

    expect(await send([good()])).toEqual({ accepted: 1, problems: [] })
    expect(await sessions()).toMatchObject([{ views: [good()] }])
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  test('beside good records costs them nothing', async () => {
    const { send, sessions } = createCollector()
    const records = [null, 7, 'x', [], {}, { ...view(), totalMs: -1 }, { ...view(), startedAt: 0 }]
    const answer = await send([...records, good(), ...records])
    expect(answer).toMatchObject({ accepted: 1, problems: { length: 14 } })
    expect(await sessions()).toMatchObject([{ views: [good()] }])
  })
})

describe('odd input that is good', () => {
  test.each<[string, Body, object]>([
    ['a body as long as may be', padded(MAX_BODY_BYTES - 1_000).replace('[]', `[${JSON.stringify(view())}]`), {}],
    ['a byte order mark', `\ufeff${text(view())}`, {}],
    ['-0', edited('"engagedMs":60000', '"engagedMs":-0'), { engagedMs: 0 }],
    ['6e4', edited('"totalMs":60000', '"totalMs":6e4'), { totalMs: 60_000 }],
    ['a lone surrogate', edited('"title":"t"', '"title":"\\ud800"'), { title: '\ufffd' }],
    ['a NUL', edited('"title":"t"', '"title":"a\\u0000b"'), { title: 'a\ufffdb' }],
    ['broken UTF-8', bytes(text(view()), '"t"', 0x22, 0xc3, 0x28, 0x22), { title: '\ufffd(' }],
    ['HTML', edited('"title":"t"', '"title":"<script>alert(1)</script>"'), { title: '<script>alert(1)</script>' }],
    ['right to left', edited('"title":"t"', '"title":"\u202egnp.exe 🎓"'), { title: '\u202egnp.exe 🎓' }],
    ['a formula', edited('"title":"t"', `"title":"=cmd|' /C calc'!A0"`), { title: "=cmd|' /C calc'!A0" }],
    ['SQL', edited('"/learn/algebra"', `"/'); DROP TABLE views; --"`), { path: "/'); DROP TABLE views; --" }],
    [
      'a name of every object',
      edited('"title":"t"', '"timers":{"toString":[1,1,1]}'),
      { timers: { toString: [1, 1, 1] } },
    ],
  ])('%s is stored as it is', async (_, body, stored) => {
    const { post, sessions } = createCollector()
    expect(await (await post(body)).json()).toEqual({ accepted: 1, problems: [] })
    expect(await sessions()).toMatchObject([{ views: [{ viewId: id('a1'), ...stored }] }])
  })
})

describe('on the wire', () => {
  const headers = 'Host: localhost\r\nContent-Type: text/plain\r\n'
  const post = (extra: string, body = '') => `POST /v1/records HTTP/1.1\r\n${headers}${extra}\r\n${body}`
  const json = text(good())
  const whole = post(`Content-Length: ${json.length}\r\nConnection: close\r\n`, json)

  const LIMITS = { headersTimeout: 400, requestTimeout: 600, connectionsCheckingInterval: 50 }

  test.each<[string, string[], string[]]>([
    ['a header that never ends', ['POST /v1/records HTTP/1.1\r\nHost: '], ['408']],
    ['a body that never ends', [post('Content-Length: 100\r\n', '{')], ['408']],
    ['a chunked body that never ends', [post('Transfer-Encoding: chunked\r\n', '1\r\n{\r\n')], ['408']],
    ['a chunk of no length', [post('Transfer-Encoding: chunked\r\n', 'zz\r\n{\r\n')], ['400']],
    ['a length and chunks', [post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')], ['400']],
    ['two lengths', [post('Content-Length: 4\r\nContent-Length: 5\r\n', '{}{}{')], ['400']],
    ['a length below 0', [post('Content-Length: -1\r\n')], ['400']],
    ['an unknown encoding', [post('Transfer-Encoding: chunked, gzip\r\nConnection: close\r\n')], ['400']],
    ['a header with a bare CR', ['POST /v1/records HTTP/1.1\r\nHost: a\rX: b\r\n\r\n'], ['400']],
    ['20 KiB of headers', [post(`X: ${'x'.repeat(20_000)}\r\n`)], ['431']],
    ['no HTTP at all', ['\x16\x03\x01\x02\x00\x01'], ['400']],
    ['three requests at once', [whole.replace('Connection: close\r\n', '').repeat(2) + whole], ['200', '200', '200']],
    ['an announced 10 GiB', [post('Content-Length: 10737418240\r\nConnection: close\r\n', '{')], ['413']],
  ])('%s', async (_, chunks, statuses) => {
    const { raw, sessions } = await createServer(LIMITS)
    const got = await raw(...chunks)
    // Node may close a broken connection before its last words are read.
    if (got.length > 0 || statuses[0] === '200') expect(got).toEqual(statuses)
    expect(await raw(whole)).toEqual(['200'])
    expect(await sessions()).toMatchObject([{ views: [good()] }])
  })

  test('a sender that goes away in the middle', async () => {
    const { origin, raw, sessions } = await createServer()
    const gone = new AbortController()
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"v":1,')),
    })
    const request = fetch(`${origin}/v1/records`, {
      method: 'POST',
      body: stream,
      headers: { 'content-type': 'text/plain' },
      duplex: 'half',
      signal: gone.signal,
    } as RequestInit)
    setTimeout(() => gone.abort(), 50)
    await expect(request).rejects.toThrow()
    expect(await raw(whole)).toEqual(['200'])
    expect(await sessions()).toMatchObject([{ views: [good()] }])
  })
})

describe('a flood of names', () => {
  test('makes no more series than there may be, and is told', async () => {
    const { send, metrics, sessions } = createCollector()
    const records = Array.from({ length: 3_000 }, (_, index) =>
      view({
        viewId: id(`a${index}`),
        sessionId: id(`5${index}`),
        site: `site-${index}`,
        path: `/page/${index}`,
        pageGroup: `group-${index}`,
        client: `Client${index}`,
        userId: `user-${index}`,
      }),
    )
    for (let at = 0; at < records.length; at += 100) await send(records.slice(at, at + 100))
    expect((await metrics('session_start_total')).length).toBe(201)
    expect((await metrics('')).length).toBeLessThan(5_000)
    expect(await metrics('dwelltime_series_limit_reached_total{label="component_name"}')).toEqual([
      'dwelltime_series_limit_reached_total{label="component_name"} 2800',
    ])
    await send([good({ startedAt: START + 1, sessionStartedAt: START + 1 })])
    expect(await sessions('?limit=1')).toMatchObject([{ sessionId: id('900d') }])
  })
})
