import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import { createCollector, fromHere } from '../support/collector.ts'
import { temporaryDirectory } from '../support/directory.ts'

const HOUR = 60 * 60_000

const start = (changes: object = {}) => ({
  event: 'session_start',
  event_version: '1.0',
  event_id: 'e-1',
  component_name: 'Nightly Job',
  shell_type: 'AdminShell',
  timestamp: '2026-06-15T12:00:00Z',
  pid: 4711,
  user: 'ann',
  hostname: 'host-1',
  environment: { PATH: '/bin' },
  ...changes,
})

const end = (session_id: string, changes: object = {}) => ({
  event: 'session_end',
  event_version: '1.0',
  event_id: 'e-2',
  component_name: 'Nightly Job',
  session_id,
  status: 'success',
  timestamp: '2026-06-15T12:02:00Z',
  ...changes,
})

function createWorld(store = openSqliteStore(':memory:')) {
  const collector = createCollector(store)
  const track = async (event: unknown, contentType = 'application/json') => {
    const init = { method: 'POST', headers: { 'content-type': contentType }, body: JSON.stringify(event) }
    const response = await collector.app.request('/api/session-events', init, fromHere)
    return { status: response.status, body: (await response.json()) as { session_id: string; detail: string } }
  }
  return { ...collector, track }
}

test('a start and its end feed the same counters and histogram as pages do', async () => {
  const { track, metrics } = createWorld()
  const { status, body } = await track(start())
  expect({ status, body }).toEqual({
    status: 200,
    body: { status: 'tracked', session_id: expect.stringMatching(/^[0-9a-f]{32}$/) },
  })
  expect(await metrics('active_sessions')).toEqual(['active_sessions{component_name="nightly-job"} 1'])
  expect(await track(end(body.session_id, { status: 'error' }))).toEqual({
    status: 200,
    body: { status: 'tracked', session_id: body.session_id },
  })
  const told = await metrics('')
  for (const line of [
    'session_start_total{component_name="nightly-job",shell_type="Other"} 1',
    'session_end_total{component_name="nightly-job",status="error"} 1',
    'session_duration_seconds_bucket{component_name="nightly-job",le="60"} 0',
    'session_duration_seconds_bucket{component_name="nightly-job",le="300"} 1',
    'session_duration_seconds_sum{component_name="nightly-job"} 120',
    'session_duration_seconds_total{component_name="nightly-job"} 120',
    'active_sessions{component_name="nightly-job"} 0',
    'mcp_event_emit_success_total{component_name="nightly-job",event_type="session_start"} 1',
    'mcp_event_emit_success_total{component_name="nightly-job",event_type="session_end"} 1',
  ]) {
    expect(told).toContain(line)
  }
})

test('events sent again change nothing, also after a restart', async () => {
  const file = join(temporaryDirectory(), 'dwelltime.db')
  const first = createWorld(openSqliteStore(file))
  const { body } = await first.track(start())
  expect((await first.track(start())).body).toEqual(body)
  await first.store.close()
  const second = createWorld(openSqliteStore(file))
  expect((await second.track(start())).body).toEqual(body)
  await second.track(end(body.session_id))
  await second.track(end(body.session_id, { event_id: 'e-3', timestamp: '2026-06-15T13:00:00Z' }))
  expect(await second.metrics('session_start_total{')).toEqual([
    'session_start_total{component_name="nightly-job",shell_type="Other"} 1',
  ])
  expect(await second.metrics('session_duration_seconds_sum')).toEqual([
    'session_duration_seconds_sum{component_name="nightly-job"} 120',
  ])
  expect((await second.track(start({ event_id: 'e-9' }))).body.session_id).not.toBe(body.session_id)
})

test('an end for a session never seen harms nothing', async () => {
  const { track, metrics } = createWorld()
  expect(await track(end('f'.repeat(32)))).toEqual({
    status: 404,
    body: { detail: 'session_id: want one that was started here' },
  })
  expect(await metrics('session_end_total')).toEqual([])
  expect(await metrics('active_sessions{')).toEqual([])
})

test('a clock that went back makes no time less than none', async () => {
  const { track, metrics } = createWorld()
  const { body } = await track(start())
  await track(end(body.session_id, { timestamp: '2026-06-15T11:00:00+00:00' }))
  expect(await metrics('session_duration_seconds_sum')).toEqual([
    'session_duration_seconds_sum{component_name="nightly-job"} 0',
  ])
})

test('what never ends is an error after a day', async () => {
  const { track, metrics, clock, seen } = createWorld()
  await track(start())
  clock.now = Date.parse('2026-06-15T12:00:00Z') + 24 * HOUR - 1
  await seen.tick()
  expect(await metrics('session_end_total')).toEqual([])
  clock.now += 1
  await seen.tick()
  await seen.tick()
  expect(await metrics('session_end_total')).toEqual([
    'session_end_total{component_name="nightly-job",status="error"} 1',
  ])
})

describe('an event that fails validation is answered with the field, and counted', () => {
  test.each<[string, unknown, string, string, string]>([
    ['no object', [], 'event: want session_start or session_end', 'other', 'other'],
    ['an unknown event', start({ event: 'restart' }), 'event: want session_start or session_end', 'other', 'other'],
    ['another version', start({ event_version: '2.0' }), 'event_version: want "1.0"', 'other', 'session_start'],
    ['no id', start({ event_id: '' }), 'event_id: want a text of 1 to 128 characters', 'other', 'session_start'],
    ['no shell', start({ shell_type: undefined }), 'shell_type: want', 'other', 'session_start'],
    ['a wrong time', start({ timestamp: 'noon' }), 'timestamp: want an instant as in', 'other', 'session_start'],
    ['a wrong status', end('a', { status: 'fine' }), 'status: want success or error', 'other', 'session_end'],
  ])('%s', async (_, event, problem, component, type) => {
    const { track, metrics } = createWorld()
    const { status, body } = await track(event)
    expect(status).toBe(400)
    expect(body.detail).toContain(problem)
    expect(await metrics('mcp_event_emit_failure_total{')).toEqual([
      `mcp_event_emit_failure_total{component_name="${component}",event_type="${type}",error_type="ValidationError"} 1`,
    ])
    expect(await metrics('session_start_total{')).toEqual([])
  })

  test('under its component, if that was counted before', async () => {
    const { track, metrics } = createWorld()
    await track(start())
    await track(start({ event_id: 5 }))
    expect(await metrics('mcp_event_emit_failure_total{')).toEqual([
      'mcp_event_emit_failure_total{component_name="nightly-job",event_type="session_start",error_type="ValidationError"} 1',
    ])
  })
})

test('a web page cannot send one from here: it would have to ask for leave', async () => {
  const { track, metrics } = createWorld()
  expect((await track(start(), 'text/plain')).status).toBe(415)
  expect(await metrics('session_start_total{')).toEqual([])
})

test('who they name is not stored', async () => {
  const { track, store } = createWorld()
  const { body } = await track(start())
  expect(JSON.stringify(await store.fact(body.session_id))).not.toMatch(/ann|host-1|4711|bin/)
})
