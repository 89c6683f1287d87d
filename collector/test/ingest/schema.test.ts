import { describe, expect, test } from 'vitest'
import { parseRecord } from '../../src/ingest/schema.ts'
import { id, view } from '../support/records.ts'

/** Everything that a record can hold. */
const full = view({
  userId: 'user-1',
  pageGroup: 'lesson',
  title: 'Algebra ✓ 🎓',
  referrerHost: 'example.org',
  utm: { source: 'mail', medium: 'm', campaign: 'c', term: 't', content: 'x' },
  spans: [
    ['engaged', 0, 10_000],
    ['suspended', 10_000, 5_000],
    ['hidden', 10_000, 10_000],
    ['idle', 10_000, 20_000],
    ['unfocused', 20_000, 60_000],
  ],
  endReason: 'leave',
  sessionEndReason: 'inactivity',
  scrollDepth: 0.83,
  activity: { pointer: 12, key: 0, scroll: 9, touch: 0, media: 0 },
  thresholds: [30, 2.5],
  timers: { 'lesson-1': [60_000, 52_000, 41_000], 'Übung 1': [0, 0, 0] },
  vitals: { lcp: 1200, cls: 0.01 },
})

test('a record with every field comes out as it went in', () => {
  expect(parseRecord(full)).toEqual({ value: full })
  expect(parseRecord(view())).toEqual({ value: view() })
})

const DIGITS = '32 lower-case hex digits'
const SPAN = '[kind, fromMs, toMs] or ["suspended", atMs, lengthMs]'
const RATE = 'a number above 0, at most 1'
const longList = (length: number) => Array.from({ length }, (_, index) => index)
const entries = (length: number, value: unknown) =>
  Object.fromEntries(longList(length).map((key) => [`k${key}`, value]))

describe('one bad field is named, with what was wanted', () => {
  test.each<[object, string]>([
    [{ site: '' }, 'site: want a text of 1 to 255 characters'],
    [{ site: 'x'.repeat(256) }, 'site: want a text of 1 to 255 characters'],
    [{ site: 7 }, 'site: want a text of 1 to 255 characters'],
    [{ client: 'x'.repeat(65) }, 'client: want a text of 1 to 64 characters'],
    [{ viewId: id('a').toUpperCase() }, `viewId: want ${DIGITS}`],
    [{ viewId: 'a' }, `viewId: want ${DIGITS}`],
    [{ viewId: `${id('a')}\n` }, `viewId: want ${DIGITS}`],
    [{ sessionId: `${id('a')}0` }, `sessionId: want ${DIGITS}`],
    [{ sessionId: null }, `sessionId: want ${DIGITS}`],
    [{ seq: 0 }, 'seq: want an integer >= 1'],
    [{ seq: 1.5 }, 'seq: want an integer >= 1'],
    [{ seq: '1' }, 'seq: want an integer >= 1'],
    [{ sessionStartedAt: -1 }, 'sessionStartedAt: want an integer >= 0'],
    [{ lastActivityAt: 2 ** 53 + 1 }, 'lastActivityAt: want an integer >= 0'],
    [{ startedAt: Number.POSITIVE_INFINITY }, 'startedAt: want an integer >= 0'],
    [{ sessionTimeoutMs: -1 }, 'sessionTimeoutMs: want an integer >= 0'],
    [{ maxSessionMs: Number.NaN }, 'maxSessionMs: want an integer >= 0'],
    [{ heartbeatMs: 1e12 }, 'heartbeatMs: want at most 2678400000'],
    [{ visitorId: 'x'.repeat(65) }, 'visitorId: want a text of at most 64 characters'],
    [{ userId: 'x'.repeat(257) }, 'userId: want a text of at most 256 characters'],
    [{ userId: null }, 'userId: want a text of at most 256 characters'],
    [{ path: `/${'x'.repeat(1024)}` }, 'path: want a text of 1 to 1024 characters'],
    [{ path: '' }, 'path: want a text of 1 to 1024 characters'],
    [{ pageGroup: 'x'.repeat(129) }, 'pageGroup: want a text of at most 128 characters'],
    [{ title: 'x'.repeat(257) }, 'title: want a text of at most 256 characters'],
    [{ referrerHost: 'x'.repeat(256) }, 'referrerHost: want a text of at most 255 characters'],
    [{ utm: { source: 'x'.repeat(257) } }, 'utm.source: want a text of at most 256 characters'],
    [{ utm: { id: 'x' } }, 'utm.id: want no such field'],
    [{ utm: 'mail' }, 'utm: want an object'],
    [{ totalMs: '60000' }, 'totalMs: want an integer >= 0'],
    [{ totalMs: 59_999 }, 'visibleMs: want at most totalMs'],
    [{ visibleMs: -1 }, 'visibleMs: want an integer >= 0'],
    [{ visibleMs: 59_999 }, 'engagedMs: want at most visibleMs'],
    [{ engagedMs: 0.5 }, 'engagedMs: want an integer >= 0'],
    [{ state: 'away' }, 'state: want one of active, passive, hidden, frozen'],
    [{ reason: 'why' }, 'reason: want one of start, heartbeat, checkpoint, hidden, pagehide, deferred, end'],
    [{ spans: {} }, 'spans: want a list of spans'],
    [{ spans: Array(49).fill(['idle', 0, 0]) }, 'spans: want at most 48 spans'],
    [
      {
        spans: [
          ['engaged', 0, 1],
          ['asleep', 1, 2],
        ],
      },
      `spans.1: want ${SPAN}`,
    ],
    [{ spans: [['engaged', 0]] }, `spans.0: want ${SPAN}`],
    [{ spans: [['engaged', 0, 1, 2]] }, `spans.0: want ${SPAN}`],
    [{ spans: [['engaged', 2, 1]] }, `spans.0: want ${SPAN}`],
    [{ spans: [['suspended', -1, 1]] }, `spans.0: want ${SPAN}`],
    [{ spans: [['suspended', 0, 1e12]] }, `spans.0: want ${SPAN}`],
    [{ spans: ['engaged'] }, `spans.0: want ${SPAN}`],
    [
      { endReason: 'bored' },
      'endReason: want one of leave, route, bfcache, inactivity, max, explicit, suspended, stop',
    ],
    [{ sessionEndReason: 'reaped' }, 'sessionEndReason: want one of inactivity, max, explicit, suspended'],
    [{ samplingRate: 0 }, `samplingRate: want ${RATE}`],
    [{ samplingRate: 1.01 }, `samplingRate: want ${RATE}`],
    [{ samplingRate: '1' }, `samplingRate: want ${RATE}`],
    [{ samplingUnit: 'page' }, 'samplingUnit: want one of session, visitor'],
    [{ scrollDepth: 1.1 }, 'scrollDepth: want a number from 0 to 1'],
    [{ activity: { pointer: 1, scroll: 0, touch: 0, media: 0 } }, 'activity.key: want an integer >= 0'],
    [{ activity: { pointer: 1, key: 'hello', scroll: 0, touch: 0, media: 0 } }, 'activity.key: want an integer >= 0'],
    [{ activity: [] }, 'activity.pointer: want an integer >= 0'],
    [{ thresholds: [-1] }, 'thresholds.0: want a number from 0 to 2678400'],
    [{ thresholds: longList(21) }, 'thresholds: want at most 20 values'],
    [{ timers: { a: [1, 2] } }, 'timers.a.2: want an integer >= 0'],
    [{ timers: { a: 7 } }, 'timers.a: want [totalMs, visibleMs, engagedMs]'],
    [{ timers: { a: [1, 2, -3] } }, 'timers.a.2: want an integer >= 0'],
    [{ timers: entries(21, [0, 0, 0]) }, 'timers: want at most 20 timers'],
    [{ vitals: { lcp: 'fast' } }, 'vitals.lcp: want a number from 0 to 1000000000'],
    [{ vitals: entries(11, 1) }, 'vitals: want at most 10 values'],
    [{ password: 'hunter2' }, 'password: want no such field'],
  ])('%j', (change, problem) => {
    expect(parseRecord({ ...full, ...change })).toEqual({ problem })
  })

  test.each([undefined, null, 0, '', 'record', true, []])('%j is no record', (input) => {
    expect(parseRecord(input).problem).toMatch(/^(record: want an object|site: want )/)
  })

  test.each(Object.keys(view()).filter((field) => field !== 'visitorId'))('%s must be there', (field) => {
    const { [field as 'site']: _, ...rest } = view()
    expect(parseRecord(rest).problem).toMatch(new RegExp(`^${field}: want (?!no such)`))
  })
})

test('names from outside reach neither prototypes nor, at length, the answer', () => {
  const json = JSON.stringify(view())
  const withField = (name: string) => JSON.parse(`${json.slice(0, -1)},"${name}":{"polluted":1}}`)
  expect(parseRecord(withField('__proto__'))).toEqual({ problem: '__proto__: want no such field' })
  expect(parseRecord(withField('constructor'))).toEqual({ problem: 'constructor: want no such field' })
  expect(parseRecord(withField('toJSON'))).toEqual({ problem: 'toJSON: want no such field' })
  expect(parseRecord(withField('x'.repeat(9_000))).problem).toHaveLength(100 + ': want no such field'.length)

  const timers = JSON.parse('{"__proto__": [1, 1, 1], "a": [1, 1, 1]}')
  expect(parseRecord(view({ timers })).value?.timers).toEqual({ a: [1, 1, 1] })
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

test('what no store can hold becomes the replacement character', () => {
  const record = view({ title: 'a\ud800b', path: '/\udc00', userId: 'one\0two', timers: { 'x\ud800': [0, 0, 0] } })
  expect(parseRecord(record).value).toMatchObject({
    title: 'a\ufffdb',
    path: '/\ufffd',
    userId: 'one\ufffdtwo',
    timers: { 'x\ufffd': [0, 0, 0] },
  })
})
