import { MAX_BODY_BYTES } from 'dwelltime/protocol'
import { describe, expect, test, vi } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import type { Outcome, Store } from '../../src/store/store.ts'
import { createCollector } from '../support/collector.ts'
import { envelope, id, START, view } from '../support/records.ts'

const DAY_MS = 24 * 60 * 60 * 1000

describe('a post of records', () => {
  test('is answered with what was accepted, for pages anywhere', async () => {
    const { post, sessions } = createCollector()
    const response = await post(JSON.stringify(envelope([view()])))

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ accepted: 1, problems: [] })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.has('access-control-allow-credentials')).toBe(false)
    expect(await sessions()).toMatchObject([{ views: [view()] }])
  })

  test('may be JSON, and may be empty', async () => {
    const { post } = createCollector()
    const response = await post(JSON.stringify(envelope([])), { 'content-type': 'application/json; charset=utf-8' })
    expect(await response.json()).toEqual({ accepted: 0, problems: [] })
  })

  test('keeps the good records beside bad ones and says what was wrong with which', async () => {
    const { send, sessions } = createCollector()
    const answer = await send([
      view({ viewId: id('1') }),
      { ...view(), visibleMs: -1 },
      null,
      view({ viewId: id('2') }),
    ])

    expect(answer).toEqual({
      accepted: 2,
      problems: [
        { index: 1, problem: 'visibleMs: want an integer >= 0' },
        { index: 2, problem: 'record: want an object' },
      ],
    })
    expect((await sessions())[0]!.views).toHaveLength(2)
  })

  test('is read, even if no record in it is good: to send it again would not help', async () => {
    const { post, sessions } = createCollector()
    const response = await post(JSON.stringify(envelope([{}])))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      accepted: 0,
      problems: [{ index: 0, problem: 'site: want a text of 1 to 255 characters' }],
    })
    expect(await sessions()).toEqual([])
  })

  test('is answered only when it is durable', async () => {
    let makeDurable = (_: Outcome[]) => {}
    const store: Store = {
      ...openSqliteStore(':memory:'),
      append: () => new Promise((resolve) => (makeDurable = resolve)),
    }
    const { post } = createCollector(store)
    const answered = vi.fn()
    const response = Promise.resolve(post(JSON.stringify(envelope([view()])))).finally(answered)

    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    expect(answered).not.toHaveBeenCalled()
    makeDurable(['stored'])
    expect((await response).status).toBe(200)
  })

  test('that cannot be stored is not acknowledged', async () => {
    const store: Store = { ...openSqliteStore(':memory:'), append: () => Promise.reject(new Error('disk full')) }
    const { post, logged } = createCollector(store)
    const response = await post(JSON.stringify(envelope([view()])))
    await post(JSON.stringify(envelope([view()])))

    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(response.headers.get('access-control-expose-headers')).toBe('Retry-After')
    expect(await response.json()).toEqual({ problem: 'records could not be stored: come again' })
    expect(logged.map(({ event }) => event)).toEqual(['records could not be stored']) // once for both
  })
})

describe('a post that is refused', () => {
  const refused = async (body: string | Uint8Array<ArrayBuffer>, headers = {}) => {
    const response = await createCollector().post(body, headers)
    const { problem } = (await response.json()) as { problem: string }
    return [response.status, problem]
  }

  test.each([
    ['', 'body: want JSON'],
    ['{', 'body: want JSON'],
    ['NaN', 'body: want JSON'],
    ['['.repeat(10_000), 'body: want JSON'],
    ['null', 'body: want an object'],
    ['7', 'body: want an object'],
    ['[]', 'v: want 1, not undefined'],
    ['{}', 'v: want 1, not undefined'],
    [JSON.stringify({ ...envelope([]), v: 2 }), 'v: want 1, not 2'],
    [JSON.stringify({ ...envelope([]), v: '1' }), 'v: want 1, not "1"'],
    [JSON.stringify({ ...envelope([]), sentAt: -1 }), 'sentAt: want an integer >= 0'],
    [JSON.stringify({ ...envelope([]), sentAt: 8.7e15 }), 'sentAt: want at most 8640000000000000'],
    [JSON.stringify({ ...envelope([]), deferred: 'no' }), 'deferred: want true or false'],
    [JSON.stringify({ ...envelope([]), via: 'pigeon' }), 'via: want one of fetch, beacon, fetchLater'],
    [JSON.stringify({ ...envelope([]), attempts: 0 }), 'attempts: want an integer >= 1'],
    [JSON.stringify({ ...envelope([]), dropped: 0.5 }), 'dropped: want an integer >= 0'],
    [JSON.stringify({ ...envelope([]), records: {} }), 'records: want a list of records'],
    [JSON.stringify({ ...envelope([]), extra: 1 }), 'extra: want no such field'],
    [JSON.stringify(envelope(Array(101).fill(0))), 'records: want at most 100 records'],
  ])('%.40s…: 400, %s', async (body, problem) => {
    expect(await refused(body)).toEqual([400, problem])
  })

  test('by its type', async () => {
    const problem = 'content-type: want text/plain or application/json'
    expect(await refused('{}', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([415, problem])
    expect(await refused('{}', { 'content-type': '' })).toEqual([415, problem])
    expect(await refused('{}', { 'content-encoding': 'gzip' })).toEqual([415, 'content-encoding: want none'])
  })

  const bytes = (length: number) => {
    const body = JSON.stringify(envelope([]))
    return body + ' '.repeat(length - body.length)
  }

  test('by its size in bytes, whether announced or not', async () => {
    const { post } = createCollector()
    const tooLarge = [413, `body: want at most ${MAX_BODY_BYTES} bytes`]
    expect((await post(bytes(MAX_BODY_BYTES))).status).toBe(200)
    expect(await refused(bytes(MAX_BODY_BYTES + 1))).toEqual(tooLarge)
    expect(await refused(bytes(MAX_BODY_BYTES + 1), { 'content-length': String(MAX_BODY_BYTES + 1) })).toEqual(tooLarge)
    expect(await refused(bytes(MAX_BODY_BYTES + 1), { 'content-length': '10' })).toEqual(tooLarge)
    expect(await refused('"'.padEnd(MAX_BODY_BYTES / 2 + 1, 'ü'))).toEqual([413, tooLarge[1]])
  })

  test('is counted by its reason', async () => {
    const { post, counted } = createCollector()
    await post('{')
    await post('{}')
    await post('{}', { 'content-type': 'image/png' })
    await post(bytes(MAX_BODY_BYTES + 1))
    expect(await counted('dwelltime_bodies_rejected_total')).toEqual([
      'dwelltime_bodies_rejected_total{reason="too_large"} 1',
      'dwelltime_bodies_rejected_total{reason="content_type"} 1',
      'dwelltime_bodies_rejected_total{reason="unreadable"} 1',
      'dwelltime_bodies_rejected_total{reason="envelope"} 1',
    ])
  })
})

test('a browser that asks first is told what it may send', async () => {
  const { app } = createCollector()
  const response = await app.request('/v1/records', { method: 'OPTIONS' })
  expect(response.status).toBe(204)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': '86400',
  })
})

test('bytes that are no text are read as far as they go', async () => {
  const { post, sessions } = createCollector()
  const bytes = Buffer.from(JSON.stringify(envelope([view({ title: 'caf?' })])))
  bytes[bytes.indexOf('?')] = 0xe9 // Latin-1
  const withMark = new Uint8Array(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]))
  expect(await (await post(withMark)).json()).toEqual({ accepted: 1, problems: [] })
  expect((await sessions())[0]!.views[0]!.title).toBe('caf\ufffd')
})

describe('the newest record of a view wins', () => {
  test('whatever the order, and each is counted as what it was', async () => {
    const { send, sessions, counted } = createCollector()
    await send([view({ seq: 2, totalMs: 70_000 })])
    expect(await send([view({ seq: 2, totalMs: 99_000 })])).toEqual({ accepted: 1, problems: [] }) // duplicate
    expect(await send([view({ seq: 1 })])).toEqual({ accepted: 1, problems: [] }) // late
    await send([view({ seq: 4, totalMs: 90_000 }), view({ seq: 3, totalMs: 80_000 })])

    expect(await sessions()).toMatchObject([{ totalMs: 90_000, views: [{ seq: 4, totalMs: 90_000 }] }])
    expect(await counted('dwelltime_records')).toEqual([
      'dwelltime_records_accepted_total 5',
      'dwelltime_records_duplicate_total 1',
      'dwelltime_records_late_total 2',
    ])
  })

  test('and its session never changes', async () => {
    const { send, sessions, counted } = createCollector()
    await send([view({ seq: 1 })])
    const moved = view({ seq: 2, sessionId: id('0ddd') })
    expect(await send([view({ viewId: id('b') }), moved])).toEqual({
      accepted: 1,
      problems: [{ index: 1, problem: "sessionId: want that of the view's earlier records" }],
    })
    expect(await sessions()).toHaveLength(1)
    expect(await counted('dwelltime_records_rejected')).toEqual([
      'dwelltime_records_rejected_total{reason="conflict"} 1',
    ])
  })
})

describe('what cannot be true goes aside', () => {
  test.each([
    ['sessionStartedAt', -7 * DAY_MS - 1],
    ['sessionStartedAt', DAY_MS + 1],
    ['startedAt', -7 * DAY_MS - 1],
    ['lastActivityAt', DAY_MS + 1],
  ])('%s at receipt %d ms', async (field, distanceMs) => {
    const { send, clock, sessions, counted } = createCollector()
    expect(await send([{ ...view(), [field]: clock.now + distanceMs }, view()])).toEqual({
      accepted: 1,
      problems: [{ index: 0, problem: `${field}: want an instant at most 7 days before receipt or 1 day after` }],
    })
    expect(await sessions()).toHaveLength(1)
    expect(await counted('dwelltime_records_rejected')).toEqual([
      'dwelltime_records_rejected_total{reason="implausible"} 1',
    ])
  })

  test('up to that it stays', async () => {
    const { send, clock } = createCollector()
    clock.now = START + 7 * DAY_MS
    expect(await send([view()])).toEqual({ accepted: 1, problems: [] })
  })
})
