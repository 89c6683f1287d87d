import type { ViewRecord } from 'dwelltime/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSamples } from '../../src/mcp/exposition.ts'
import { createCollector } from '../support/collector.ts'
import { connectMcp } from '../support/mcp.ts'
import { id, START, view } from '../support/records.ts'
import { openStream } from '../support/stream.ts'

const SECOND = 1_000
const day = { start_date: '2026-06-15', end_date: '2026-06-15' }

/** What one tab of one session sends, in the order in which it arrives: it grows, and ends. */
interface Tab {
  session: number
  /** Seconds after the start of the run. */
  from: number
  /** How much longer it is at each record, in seconds. */
  steps: number[]
}

const tab = fc.record({
  session: fc.nat(4),
  from: fc.nat(120),
  steps: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
})

const recordsOf = ({ session, from, steps }: Tab, number: number): ViewRecord[] =>
  steps.map((_, index) => {
    const lengthMs = steps.slice(0, index + 1).reduce((sum, step) => sum + step, 0) * SECOND
    const startedAt = START + from * SECOND
    const isLast = index === steps.length - 1
    return view({
      ...{ viewId: id(`a${number}`), sessionId: id(`5${session}`), seq: index + 1, startedAt },
      ...{ totalMs: lengthMs, visibleMs: lengthMs, engagedMs: lengthMs, spans: [['engaged', 0, lengthMs]] },
      lastActivityAt: startedAt + lengthMs,
      ...(isLast ? { state: 'hidden' as const, endReason: 'leave' as const } : { state: 'active' as const }),
    })
  })

/** Tabs by turns, as chance will have it, and duplicates. */
const run = fc.record({
  tabs: fc.array(tab, { minLength: 1, maxLength: 8 }),
  order: fc.array(fc.nat(7)),
  again: fc.nat(5),
})

const STATS = {
  ...{ rated_message_size: 256, trigger_after_rated_messages: 3, trigger_after_duration: 0 },
  ...{ trigger_on_join: true, trigger_on_leave: true },
}

function createWorld() {
  const stats = new Map([['docs', STATS]])
  const collector = createCollector(undefined, { live: { stats, maxClients: 1 } })
  collector.clock.now = START + 24 * 60 * 60 * SECOND
  return collector
}

/** The four views of the same sessions, in ms where they are times. */
async function fourViews(
  collector: ReturnType<typeof createCollector>,
  events: Awaited<ReturnType<typeof openStream>>,
) {
  const samples = readSamples(await (await collector.read('/metrics')).text())
  const sum = (name: string) =>
    samples.filter((each) => each.name === name).reduce((total, { value }) => total + value, 0)
  const emitted = sum('mcp_event_emit_success_total')
  const told = await events.events(emitted)
  const figures = told.flatMap(({ stats }) => stats ?? [])
  const ofFigures = (field: string) => figures.reduce((total, stats) => total + stats[field], 0)

  const sessions = await collector.sessions('?limit=200')
  const ofReport = (field: 'durationMs' | 'totalMs' | 'engagedMs') =>
    sessions.reduce((total, session) => total + session[field], 0)
  const [overview] = await collector.report('overview', day)
  const ms = (seconds: number) => Math.round(seconds * SECOND)
  const summary = await summaryOf(collector)

  return {
    report: {
      ...{ starts: sessions.length, ends: sessions.filter(({ status }) => status !== 'open').length },
      ...{ durationMs: ofReport('durationMs'), totalMs: ofReport('totalMs') },
    },
    metrics: {
      ...{ starts: sum('session_start_total'), ends: sum('session_end_total') },
      ...{ durationMs: ms(sum('session_duration_seconds_sum')), totalMs: ms(sum('session_duration_seconds_total')) },
    },
    live: {
      starts: told.filter(({ name }) => name === 'session.on_join').length,
      ends: told.filter(({ name }) => name === 'session.on_leave').length,
      ...{ durationMs: ofFigures('durationMs'), totalMs: ofFigures('totalMs') },
    },
    mcp: { starts: summary.total_sessions_started, ends: summary.total_sessions_ended },
    sampled: overview!.sessions.sampled,
    engaged: { report: ofReport('engagedMs'), live: ofFigures('engagedMs') },
    amended: sum('session_amended_total'),
  }
}

async function summaryOf(collector: ReturnType<typeof createCollector>) {
  const { structuredContent } = await (await connectMcp(collector)).callTool({ name: 'get_metrics_summary' })
  return structuredContent as { total_sessions_started: number; total_sessions_ended: number }
}

/** Sends everything by turns, some of it twice, and lets the keeper look now and then. */
async function drive(collector: ReturnType<typeof createCollector>, tabs: Tab[], order: number[], again: number) {
  const queues = tabs.map(recordsOf)
  const sent: ViewRecord[] = []
  for (const turn of [...order, ...tabs.flatMap((_, number) => Array(4).fill(number) as number[])]) {
    const record = queues[turn % queues.length]!.shift()
    if (!record) continue
    sent.push(record)
    await collector.send([record])
    if (sent.length % 3 === 0) await collector.reap()
    if (again > 0 && sent.length % (again + 1) === 0) await collector.send([sent[sent.length % again]!])
  }
  await collector.reap()
  return sent
}

/** Ends every session as nobody is alive to end it. */
async function endAll(collector: ReturnType<typeof createCollector>) {
  collector.clock.now += 2 * 60 * 60 * SECOND
  await collector.reap()
  await collector.reap()
}

test('report, metrics, live stream and MCP agree after any run without late records', async () => {
  await fc.assert(
    fc.asyncProperty(run, async ({ tabs, order, again }) => {
      const collector = createWorld()
      const stream = await openStream(collector)
      await drive(collector, tabs, order, again)
      await endAll(collector)
      const { report, metrics, live, mcp, sampled, engaged, amended } = await fourViews(collector, stream)
      expect(amended).toBe(0)
      expect(metrics).toEqual(report)
      expect(live).toEqual(report)
      expect(mcp).toEqual({ starts: report.starts, ends: report.ends })
      expect(sampled).toBe(report.starts)
      expect(engaged.live).toBe(engaged.report)
      await stream.reader.cancel()
    }),
    { numRuns: Math.min(60, Number(process.env.RUNS ?? 30)) },
  )
})

test('late records change the reports alone, and session_amended_total says how often', async () => {
  await fc.assert(
    fc.asyncProperty(run, fc.integer({ min: 1, max: 3 }), async ({ tabs, order, again }, late) => {
      const collector = createWorld()
      const stream = await openStream(collector)
      const sent = await drive(collector, tabs, order, again)
      await endAll(collector)
      const before = await fourViews(collector, stream)
      const last = sent.at(-1)!
      for (let number = 0; number < late; number++) {
        const lengthMs = last.totalMs + (number + 1) * 60 * SECOND
        const times = { totalMs: lengthMs, visibleMs: lengthMs, engagedMs: lengthMs, spans: [['engaged', 0, lengthMs]] }
        await collector.send([{ ...last, ...times, seq: last.seq + number + 1 }])
        await collector.reap()
      }
      const after = await fourViews(collector, stream)
      expect(after.amended).toBe(late)
      expect({ ...after.metrics, ...after.live, ...after.mcp }).toEqual({
        ...before.metrics,
        ...before.live,
        ...before.mcp,
      })
      expect(after.report.starts).toBe(after.metrics.starts)
      expect(after.report.durationMs).toBeGreaterThanOrEqual(before.report.durationMs)
      expect(after.engaged.report).toBeGreaterThan(before.engaged.report - 1)
      await stream.reader.cancel()
    }),
    { numRuns: 15 },
  )
})
