import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EVENT_METRICS, HEALTH_METRICS, SESSION_METRICS } from '../../src/metrics/catalogue.ts'
import { MAX_COMPONENT_NAMES } from '../../src/metrics/labels.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import { createCollector } from '../support/collector.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { id, START, view } from '../support/records.ts'

const MINUTE = 60_000

/** A session of `lengthMs` that a tab ended. */
const ended = (number: number, lengthMs: number, changes = {}) =>
  view({
    viewId: id(`a${number}`),
    sessionId: id(`5${number}`),
    totalMs: lengthMs,
    visibleMs: lengthMs,
    engagedMs: 0,
    spans: [['idle', 0, lengthMs]],
    endReason: 'explicit',
    sessionEndReason: 'explicit',
    ...changes,
  })

test('text format 0.0.4, whatever the scraper would rather have', async () => {
  const { read, app } = createCollector()
  const response = await read('/metrics')
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const env = { incoming: { socket: { remoteAddress: '127.0.0.1' } } } as never
  const picky = await app.request('/metrics', { headers: { accept: 'application/openmetrics-text' } }, env)
  expect(picky.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
})

test('each metric with its sentence and type', async () => {
  const { metrics } = createCollector()
  const told = (await metrics('# ')).map((line) => line.slice(2))
  const catalogue = Object.entries({ ...SESSION_METRICS, ...HEALTH_METRICS, ...EVENT_METRICS })
  const wanted = catalogue.flatMap(([name, { type, help }]) => [
    `HELP ${name} ${help}`,
    `TYPE ${name} ${type.toLowerCase()}`,
  ])
  expect(told.toSorted()).toEqual(wanted.toSorted())
  // The sentences of the original, word for word.
  expect(told).toEqual(
    expect.arrayContaining([
      'HELP session_start_total Total number of session start events tracked',
      'HELP session_end_total Total number of session end events tracked',
      'HELP session_duration_seconds Session duration in seconds',
      'HELP mcp_event_emit_success_total Total number of successful MCP event emissions',
      'HELP mcp_event_emit_failure_total Total number of failed MCP event emissions',
      'HELP mcp_event_emit_duration_seconds MCP event emission duration in seconds',
      'HELP active_sessions Number of currently active sessions',
      'HELP session_quality_score Session quality score (0-100)',
      'TYPE session_duration_seconds histogram',
      'TYPE session_duration_seconds_total counter',
    ]),
  )
})

test('durations fall into their buckets, each end once', async () => {
  const { send, clock, metrics } = createCollector()
  clock.now = START + 24 * 60 * MINUTE
  await send([ended(1, MINUTE), ended(2, MINUTE + 1), ended(3, 20 * MINUTE), ended(4, 9 * 60 * MINUTE)])
  expect(await metrics('session_duration_seconds_')).toEqual([
    'session_duration_seconds_bucket{component_name="docs",le="60"} 1',
    'session_duration_seconds_bucket{component_name="docs",le="300"} 2',
    'session_duration_seconds_bucket{component_name="docs",le="900"} 2',
    'session_duration_seconds_bucket{component_name="docs",le="1800"} 3',
    'session_duration_seconds_bucket{component_name="docs",le="3600"} 3',
    'session_duration_seconds_bucket{component_name="docs",le="7200"} 3',
    'session_duration_seconds_bucket{component_name="docs",le="14400"} 3',
    'session_duration_seconds_bucket{component_name="docs",le="28800"} 3',
    'session_duration_seconds_bucket{component_name="docs",le="+Inf"} 4',
    'session_duration_seconds_sum{component_name="docs"} 33720.001',
    'session_duration_seconds_count{component_name="docs"} 4',
    'session_duration_seconds_total{component_name="docs"} 33720.001',
  ])
})

test('active is what started and has not ended', async () => {
  const { send, metrics } = createCollector()
  await send([
    view({ viewId: id('1'), sessionId: id('51') }),
    view({ viewId: id('2'), sessionId: id('52') }),
    ended(3, 0),
  ])
  expect(await metrics('active_sessions')).toEqual(['active_sessions{component_name="docs"} 2'])
})

test('counters go on where they were after a restart, nothing is counted again', async () => {
  const file = join(temporaryDirectory(), 'dwelltime.db')
  const before = createCollector(openSqliteStore(file))
  await before.send([ended(1, MINUTE), view({ viewId: id('b'), sessionId: id('52') })])
  const told = [await before.metrics('session_'), await before.metrics('active_')]
  expect(told.flat()).toContain('session_start_total{component_name="docs",shell_type="ScriptTag"} 2')
  await before.send([ended(3, MINUTE)]) // not looked at before the restart
  before.store.close()

  const after = createCollector(openSqliteStore(file))
  expect(await after.metrics('session_start')).toEqual([
    'session_start_total{component_name="docs",shell_type="ScriptTag"} 3',
  ])
  await after.send([ended(1, MINUTE), view({ viewId: id('b'), sessionId: id('52') })])
  expect(await after.metrics('session_duration_seconds_count')).toEqual([
    'session_duration_seconds_count{component_name="docs"} 2',
  ])
  expect(await after.metrics('active_')).toEqual(told[1])
})

describe('labels', () => {
  test('component_name is lower-case with hyphens and dots', async () => {
    const { send, metrics } = createCollector()
    const sites = ['My Shop', 'docs.Example.org', '"}\n evil 1', '日本', '--']
    await send(sites.map((site, index) => ended(index, 0, { site })))
    expect(await metrics('session_end_total')).toEqual([
      'session_end_total{component_name="docs.example.org",status="success"} 1',
      'session_end_total{component_name="evil-1",status="success"} 1',
      'session_end_total{component_name="my-shop",status="success"} 1',
      'session_end_total{component_name="other",status="success"} 2',
    ])
  })

  test('shell_type is one of three', async () => {
    const { send, metrics } = createCollector()
    await send(['ScriptTag', 'NpmModule', 'MyShell'].map((client, index) => ended(index, 0, { client })))
    expect(await metrics('session_start_total')).toEqual([
      'session_start_total{component_name="docs",shell_type="NpmModule"} 1',
      'session_start_total{component_name="docs",shell_type="Other"} 1',
      'session_start_total{component_name="docs",shell_type="ScriptTag"} 1',
    ])
  })

  test('sites beyond the limit share one name, from start to end', async () => {
    const { send, metrics } = createCollector()
    const sites = Array.from({ length: MAX_COMPONENT_NAMES + 5 }, (_, index) => `site-${index}`)
    const open = sites.map((site, index) => ended(index, 0, { site, sessionEndReason: undefined }))
    const opened = open.map(({ sessionEndReason: _, ...record }) => record)
    for (let at = 0; at < opened.length; at += 50) {
      await send(opened.slice(at, at + 50))
      await metrics('session_start')
    }
    expect(await metrics('session_start')).toHaveLength(MAX_COMPONENT_NAMES + 1)
    expect(await metrics('active_sessions{component_name="other"}')).toEqual([
      'active_sessions{component_name="other"} 5',
    ])
    expect(await metrics('dwelltime_series_limit_reached_total{label="component_name"}')).toEqual([
      'dwelltime_series_limit_reached_total{label="component_name"} 5',
    ])

    await send([{ ...opened.at(-1), seq: 2, sessionEndReason: 'max' }])
    expect(await metrics('active_sessions{component_name="other"}')).toEqual([
      'active_sessions{component_name="other"} 4',
    ])
    await send([ended(999, 0, { site: 'site-0' })])
    expect(await metrics('session_start_total{component_name="site-0"')).toEqual([
      'session_start_total{component_name="site-0",shell_type="ScriptTag"} 2',
    ])
  })
})
