import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEFAULT_RULES } from '../../src/metrics/counts.ts'
import { MAX_PAGE_SERIES } from '../../src/metrics/labels.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import { createCollector } from '../support/collector.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { id, START, view } from '../support/records.ts'

const HOUR = 60 * 60_000
const SECOND = 1_000

const withRules = (rules: Partial<typeof DEFAULT_RULES>, isEnabled = true) => ({
  metrics: { isEnabled, path: '/metrics', port: undefined, rules: { ...DEFAULT_RULES, ...rules } },
})

const lesson = (changes = {}) =>
  view({ pageGroup: 'lesson', visibleMs: 8 * SECOND, engagedMs: 4 * SECOND, endReason: 'leave', ...changes })

describe('views fall into the histograms of their page group', () => {
  test('when they end, once, though their session goes on and ends later', async () => {
    const { send, metrics } = createCollector(undefined, withRules({ pageGroups: ['lesson'] }))
    await send([lesson(), view({ viewId: id('b'), pageGroup: 'lesson', state: 'active' })])
    expect(await metrics('page_visible_seconds_')).toEqual([
      ...[1, 2, 5].map((le) => `page_visible_seconds_bucket{component_name="docs",page_group="lesson",le="${le}"} 0`),
      ...[10, 20, 30, 60, 120, 300, 600, 1800, 3600, '+Inf'].map(
        (le) => `page_visible_seconds_bucket{component_name="docs",page_group="lesson",le="${le}"} 1`,
      ),
      'page_visible_seconds_sum{component_name="docs",page_group="lesson"} 8',
      'page_visible_seconds_count{component_name="docs",page_group="lesson"} 1',
    ])
    await send([lesson({ seq: 2 }), view({ viewId: id('b'), seq: 2, pageGroup: 'lesson', sessionEndReason: 'max' })])
    await send([lesson({ seq: 3 })])
    expect(await metrics('page_engaged_seconds_sum')).toEqual([
      'page_engaged_seconds_sum{component_name="docs",page_group="lesson"} 64',
    ])
    expect(await metrics('page_engaged_seconds_count')).toEqual([
      'page_engaged_seconds_count{component_name="docs",page_group="lesson"} 2',
    ])
  })

  test('groups that nobody configured are other', async () => {
    const { send, metrics } = createCollector(undefined, withRules({ pageGroups: ['lesson'] }))
    await send([lesson({ pageGroup: 'evil' }), lesson({ viewId: id('b'), pageGroup: undefined })])
    expect(await metrics('page_visible_seconds_count')).toEqual([
      'page_visible_seconds_count{component_name="docs",page_group="other"} 2',
    ])
  })

  test("also over a restart, by bounds of one's own, which begin a histogram of their own", async () => {
    const file = join(temporaryDirectory(), 'dwelltime.db')
    const before = createCollector(openSqliteStore(file))
    await before.send([lesson()])
    await before.metrics('')
    await before.store.close()
    const buckets = { ...DEFAULT_RULES.buckets, page_visible_seconds: [5, 10] }
    const after = createCollector(openSqliteStore(file), withRules({ buckets }))
    await after.send([lesson({ seq: 2 }), lesson({ viewId: id('b'), visibleMs: 5_000 })])
    expect(await after.metrics('page_visible_seconds_bucket')).toEqual([
      'page_visible_seconds_bucket{component_name="docs",page_group="other",le="5"} 1',
      'page_visible_seconds_bucket{component_name="docs",page_group="other",le="10"} 1',
      'page_visible_seconds_bucket{component_name="docs",page_group="other",le="+Inf"} 1',
    ])
    expect(await after.metrics('page_engaged_seconds_count')).toEqual([
      'page_engaged_seconds_count{component_name="docs",page_group="other"} 2',
    ])
  })

  test('pairs beyond the cap share one, and that is told', async () => {
    const pageGroups = ['a', 'b', 'c']
    const { send, metrics } = createCollector(undefined, withRules({ pageGroups }))
    for (let site = 0; site < 120; site++) {
      const views = pageGroups.map((pageGroup) =>
        lesson({
          viewId: id(`${pageGroup}${site}`),
          sessionId: id(`${pageGroup}5${site}`),
          site: `s${site}`,
          pageGroup,
        }),
      )
      await send(views)
    }
    const counts = await metrics('page_visible_seconds_count')
    expect(counts).toHaveLength(MAX_PAGE_SERIES + 1)
    expect(counts).toContain('page_visible_seconds_count{component_name="other",page_group="other"} 60')
    expect(await metrics('dwelltime_series_limit_reached_total{label="page_group"}')).toEqual([
      'dwelltime_series_limit_reached_total{label="page_group"} 60',
    ])
  })
})

test('quality is engaged of visible time of the views that ended in the last hour', async () => {
  const { send, metrics, clock } = createCollector()
  await send([lesson(), view({ viewId: id('b'), state: 'active' })])
  expect(await metrics('session_quality_score{')).toEqual(['session_quality_score{component_name="docs"} 50'])
  clock.now += HOUR / 2
  await send([lesson({ viewId: id('c'), visibleMs: 2_000, engagedMs: 1_000, sessionId: id('5f') })])
  await send([lesson({ viewId: id('d'), visibleMs: 1_000, engagedMs: 1_000, sessionId: id('5f') })])
  expect(await metrics('session_quality_score{')).toEqual(['session_quality_score{component_name="docs"} 54.55'])
  clock.now += HOUR / 2
  expect(await metrics('session_quality_score{')).toEqual(['session_quality_score{component_name="docs"} 66.67'])
  clock.now += HOUR
  expect(await metrics('session_quality_score{')).toEqual([])
})

describe('the settings of the original', () => {
  test('off: there are none', async () => {
    const { read } = createCollector(undefined, withRules({}, false))
    const response = await read('/metrics')
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ problem: 'metrics: are off (enable_prometheus_metrics)' })
  })

  test('a path of their own', async () => {
    const { read } = createCollector(undefined, { metrics: { ...withRules({}).metrics, path: '/stats/prom' } })
    expect((await read('/stats/prom')).status).toBe(200)
    expect((await read('/metrics')).status).toBe(404)
  })

  test('a port of their own: nothing else is there, and they are nowhere else', async () => {
    const { read, metricsApp } = createCollector(undefined, { metrics: { ...withRules({}).metrics, port: 9464 } })
    expect((await read('/metrics')).status).toBe(404)
    const peer = (address: string) => ({ incoming: { socket: { remoteAddress: address } } }) as never
    expect((await metricsApp.request('/metrics', {}, peer('127.0.0.1'))).status).toBe(200)
    expect((await metricsApp.request('/metrics', {}, peer('203.0.113.9'))).status).toBe(403)
    expect((await metricsApp.request('/api/reports/sessions', {}, peer('127.0.0.1'))).status).toBe(404)
  })

  test("shell types beside the SDK's", async () => {
    const { send, metrics } = createCollector(undefined, withRules({ shellTypes: ['AdminShell'] }))
    await send([view({ client: 'AdminShell' }), view({ client: 'Evil', viewId: id('b'), sessionId: id('5f') })])
    expect(await metrics('session_start_total{')).toEqual([
      'session_start_total{component_name="docs",shell_type="AdminShell"} 1',
      'session_start_total{component_name="docs",shell_type="Other"} 1',
    ])
  })
})

test('what the store takes to make a batch durable is observed', async () => {
  const { send, metrics } = createCollector()
  await send([view({ startedAt: START })])
  expect(await metrics('dwelltime_store_append_seconds_count')).toEqual(['dwelltime_store_append_seconds_count 1'])
})
