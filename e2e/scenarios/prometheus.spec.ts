import { spawnSync } from 'node:child_process'
import { followLive, type ReceivedEvent } from '../../collector/src/live/client.ts'
import { startClickHouseServer } from '../../collector/test/support/clickhouse-server.ts'
import type { Dwell } from '../../src/index.ts'
import { startCollector } from '../support/collector.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { makeTempDir, removeDir } from '../support/process.ts'
import { documentedQueries, startPrometheus } from '../support/prometheus.ts'

// A real Prometheus, scraping a real collector that is fed by a real browser; one engine is enough, see the config.

test.skip(
  process.env.PROMETHEUS_BIN === '',
  'there is no Prometheus on this machine; where CI is set that is a failure',
)

/** Everything that the live stream tells, over restarts. */
function followEvents(origin: string) {
  const stopping = new AbortController()
  const events: ReceivedEvent[] = []
  void followLive({ origin, signal: stopping.signal, onEvent: (event) => void events.push(event) })
  return { events, stop: () => stopping.abort() }
}

/** In the page. Resolves when the end is written and sent: a page that is closed sooner may take it along. */
function endSession(): Promise<void> {
  const { dwelltime } = window as unknown as { dwelltime: Dwell }
  dwelltime.end()
  return dwelltime.flush()
}

/** What MCP's tool answers. */
async function summaryOf(origin: string): Promise<unknown> {
  const response = await fetch(`${origin}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name: 'get_metrics_summary', arguments: {} },
    }),
  })
  const [, message] = /^(?:data: )?(\{.*\})$/m.exec(await response.text())!
  return JSON.parse(message!).result.structuredContent
}

/** For how long pages run, in seconds: `SCRAPE_SECONDS=180` for the long look. */
const SCRAPE_SECONDS = Number(process.env.SCRAPE_SECONDS ?? 30)

test.setTimeout((SCRAPE_SECONDS + 120) * 1_000)

test.use({
  collectorFlags: {
    ...{ 'reap-grace': 1, sites: '127.0.0.1', 'page-groups': 'lesson' },
    stats: '{"*": {"rated_message_size": 256, "trigger_after_rated_messages": 10}}',
  },
})

test('it sees what was driven, over a restart of the collector, and every documented query has an answer', async ({
  collector,
  open,
  pages,
}) => {
  const prometheus = await startPrometheus(collector.url)
  const live = followEvents(collector.url)
  const event = (body: object) =>
    fetch(`${collector.url}/api/session-events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  /** One session of one page, ended by the page itself. */
  async function visit(number: number): Promise<void> {
    const options = { pageGroup: 'lesson', heartbeatInterval: 1 }
    const tab = await open(pages.url(`/learn/${number}`, { options }))
    await tab.input('click')
    await read(700)
    await tab.eval(endSession)
    await tab.close()
  }

  const until = Date.now() + SCRAPE_SECONDS * 1_000
  let driven = 0
  while (Date.now() < until - SCRAPE_SECONDS * 500) await visit(driven++)

  await collector.stop()
  await collector.restart()
  expect((await event({ event: 'session_start' })).status).toBe(400)
  // A page that is open for as long as a counter needs to be seen moving.
  const long = await open(pages.url('/learn/long', { options: { pageGroup: 'lesson', heartbeatInterval: 1 } }))
  driven += 1
  await poll(async () => (await prometheus.sum('active_sessions')) === 1, 'the open session', 20_000)
  const before = await prometheus.sum('session_duration_seconds_total')
  await poll(
    async () => {
      await long.input('move')
      return (await prometheus.sum('session_duration_seconds_total')) > before + 2
    },
    'the time of an open session to grow',
    20_000,
  )
  await long.eval(endSession)
  await long.close()
  while (Date.now() < until) await visit(driven++)

  // What a page could not get rid of when it was closed comes with the next one, which has no view of its own.
  const next = await open(pages.url('/next', { options: { trackSpecificPages: ['/nowhere'] } }))
  const statuses = async () => {
    await next.eval(() => (window as unknown as { dwelltime: Dwell }).dwelltime.flush())
    return (await collector.sessions()).map((session) => session.status)
  }
  await expect.poll(statuses, { timeout: 30_000 }).toEqual(Array.from({ length: driven }, () => 'success'))
  const sessions = await collector.sessions()
  const views = sessions.flatMap((session) => session.views)
  const seconds = (amounts: number[]) => amounts.reduce((sum, ms) => sum + ms, 0) / 1_000
  const ledger = {
    'sum(session_start_total)': driven,
    'sum(session_end_total{status="success"})': driven,
    'sum(session_end_total{status="error"})': 0,
    'sum(active_sessions)': 0,
    'sum(session_duration_seconds_count)': driven,
    'sum(session_duration_seconds_sum)': seconds(sessions.map((session) => session.durationMs)),
    'sum(session_duration_seconds_total)': seconds(sessions.map((session) => session.totalMs)),
    'sum(page_visible_seconds_count{page_group="lesson"})': views.length,
    'sum(page_visible_seconds_sum)': seconds(views.map((view) => view.visibleMs)),
    'sum(page_engaged_seconds_sum)': seconds(views.map((view) => view.engagedMs)),
  }
  await poll(async () => (await prometheus.sum('sum(session_end_total)')) === driven, 'the last scrape')
  await read(2_000) // one more scrape: whatever would be counted twice is counted by now
  expect(await prometheus.sum('sum(session_amended_total)')).toBe(0) // nothing came late, so all must be equal
  for (const [expression, amount] of Object.entries(ledger)) {
    expect(await prometheus.sum(expression), expression).toBeCloseTo(amount, 6)
  }

  const told = live.events
  await poll(() => told.filter(({ name }) => name === 'session.on_leave').length === driven, 'the last leave')
  const figures = told.flatMap(({ stats }) => stats ?? [])
  expect(told.filter(({ name }) => name === 'session.on_join')).toHaveLength(driven)
  expect(seconds(figures.map((stats) => stats.durationMs))).toBeCloseTo(
    seconds(sessions.map((each) => each.durationMs)),
  )
  expect(seconds(figures.map((stats) => stats.engagedMs))).toBeCloseTo(seconds(sessions.map((each) => each.engagedMs)))
  live.stop()
  expect(await summaryOf(collector.url)).toMatchObject({
    ...{ total_sessions_started: driven, total_sessions_ended: driven },
    active_sessions: { '127.0.0.1': 0 },
  })

  const { readme, dashboard } = await documentedQueries()
  for (const [sentence, expression] of Object.entries(readme)) {
    const answer = await prometheus.ask(expression)
    expect(answer, `${sentence}: ${expression}`).not.toEqual([])
    for (const { value } of answer) expect(value, `${sentence}: ${expression}`).not.toBeNaN()
  }
  for (const [title, expression] of dashboard) {
    expect(await prometheus.ask(expression), `${title}: ${expression}`).not.toEqual([])
  }
  // A rule that is quiet has no answer; with `bool` it says whether it would have had one.
  const rules = await prometheus.rules()
  expect(rules.length).toBeGreaterThan(5)
  for (const rule of rules) {
    expect(await prometheus.ask(rule.replace(/ (==|>|<) /g, ' $1 bool ')), rule).not.toEqual([])
  }

  const lint = spawnSync('promtool', ['check', 'metrics'], { input: await collector.metrics(), encoding: 'utf8' })
  expect([lint.status, lint.stdout, lint.stderr]).toEqual([0, '', ''])
  await prometheus.stop()
})

test('with two collectors on one ClickHouse it sees what was driven: one counts, the other stands by', async ({
  open,
  pages,
}) => {
  const clickHouse = await startClickHouseServer()
  const dir = await makeTempDir('two')
  const flags = { store: `clickhouse:${await clickHouse.url('two')}`, 'reap-grace': 1, sites: '127.0.0.1' }
  const collectors = [await startCollector(dir, flags), await startCollector(dir, flags)]
  const prometheus = await startPrometheus(...collectors.map(({ url }) => url))

  const driven = 6
  for (let number = 0; number < driven; number++) {
    const options = { collector: collectors[number % 2]!.recordsUrl }
    const tab = await open(pages.url(`/learn/${number}`, { options }))
    await tab.input('click')
    await read(500)
    await tab.eval(endSession)
    await tab.close()
  }
  await poll(async () => (await prometheus.sum('sum(session_end_total)')) === driven, 'the end of all sessions', 60_000)
  await read(2_000) // two more scrapes: whatever would be counted twice is counted by now
  const sessions = await collectors[0]!.sessions()
  expect(sessions).toHaveLength(driven)
  expect(await prometheus.sum('sum(session_start_total)')).toBe(driven)
  expect(await prometheus.sum('sum(session_end_total)')).toBe(driven)
  expect(await prometheus.sum('sum(session_duration_seconds_sum)')).toBeCloseTo(
    sessions.reduce((sum, session) => sum + session.durationMs, 0) / 1_000,
    6,
  )
  expect((await prometheus.ask('up')).map(({ value }) => value).sort()).toEqual([0, 1])

  await prometheus.stop()
  for (const collector of collectors) await collector.stop()
  await clickHouse.stop()
  await removeDir(dir)
})
