import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { daysBetween, type Filter } from '../../collector/src/reports/filter.ts'
import { measureViews } from '../../collector/src/reports/measure.ts'
import { parseReportRequest, type Report } from '../../collector/src/reports/report.ts'
import { REPORTS } from '../../collector/src/reports/reports.ts'
import { sessionDuration } from '../../collector/src/reports/session-duration.ts'
import { newestSessions } from '../../collector/src/reports/sessions.ts'
import { question } from '../../collector/src/store/question.ts'
import { CHDB } from './fill-clickhouse.ts'
import { SQLITE } from './fill-sqlite.ts'
import { make } from './made.ts'
import { NOW } from './plan.ts'

// One store of one size: filled, rolled up, asked. Prints one line of JSON.

const [, , kind, size] = process.argv
const views = Number(size)
const kept = process.env.BENCH_DIR
const directory = kept ? join(kept, `${kind}-${views}`) : mkdtempSync(join(tmpdir(), 'dwelltime-reports-'))
if (!kept) process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
process.on('SIGTERM', () => process.exit(1))

const told = (text: string) => console.error(`${kind} ${views}: ${text}`)

const since = (at: number) => Math.round(performance.now() - at)

/** Others on the machine make single answers take up to half as long again. */
const TIMES = 9

async function timed(run: () => Promise<unknown>): Promise<number> {
  await run()
  const times = []
  for (let time = 0; time < TIMES; time++) {
    const at = performance.now()
    await run()
    times.push(since(at))
  }
  return times.sort((a, b) => a - b)[(TIMES - 1) / 2]!
}

const { store, bytes, fillMs, rollUpMs } = await make(kind === 'clickhouse' ? CHDB : SQLITE, directory, views)
told(`filled in ${fillMs.toFixed(0)} ms, rolled up in ${rollUpMs.toFixed(0)} ms, ${Math.round(bytes() / 2 ** 20)} MiB`)

const [newest] = await store.read<{ session_id: string }>(
  question(() => 'SELECT session_id FROM sessions ORDER BY started_at DESC LIMIT 1'),
  {},
)

const DAYS_90 = { start_date: '2026-04-02', end_date: '2026-06-30' }
const IN_BERLIN = { timezone: 'Europe/Berlin' }

async function ask(report: Report, query: Record<string, string>): Promise<object[]> {
  const { value, problem } = parseReportRequest(report, query, NOW)
  if (problem !== undefined) throw new Error(problem)
  return report.ask(store, value.request, value.filter, { now: NOW })
}

const times: Record<string, number> = {}
async function measured(name: string, run: () => Promise<unknown>): Promise<void> {
  try {
    times[name] = await timed(run)
  } catch (error) {
    times[name] = Number.NaN
    told(`${name}: ${(error as Error).message}`)
  }
  told(`${name}: ${times[name]} ms`)
}

for (const report of REPORTS as readonly Report[]) {
  const more: Record<string, string> = report.name === 'timeline' ? { session: newest!.session_id } : {}
  await measured(report.name, () => ask(report, more))
}
const pages = REPORTS.find(({ name }) => name === 'pages') as Report
const overview = REPORTS.find(({ name }) => name === 'overview') as Report
await measured('pages, 90 days', () => ask(pages, DAYS_90))
await measured('pages, 90 days of Berlin', () => ask(pages, { ...DAYS_90, ...IN_BERLIN }))
await measured('pages, 90 days of one device', () => ask(pages, { ...DAYS_90, device: 'mobile' }))
await measured('overview, 90 days of one campaign', () => ask(overview, { ...DAYS_90, campaign: 'campaign-3' }))
await measured('sessions', () => newestSessions(store, { limit: 50 } as never))
const duration = { start_date: '2026-06-01', end_date: '2026-06-30', timezone: 'UTC', metric: 'session' }
await measured('session-duration', () =>
  sessionDuration(store, { ...duration, percentiles: [], anonymous: false } as never),
)
await measured('session-duration, with percentiles', () =>
  sessionDuration(store, { ...duration, percentiles: [50, 90], anonymous: false } as never),
)

/** The largest difference between roll-ups and rows, as a share: medians of the 20 most read pages, and all counts. */
async function difference(): Promise<number> {
  const { value } = parseReportRequest(pages, DAYS_90, NOW)
  const rows = {
    ...store,
    rolledUpTo: async () => new Map<number, number>(),
    freshDays: { ...store.freshDays, list: async () => [] },
  }
  const parts = ['visible', 'engaged'] as const
  const [rolled, raw] = [
    await measureViews(store, value!.filter as Filter, parts, 'path'),
    await measureViews(rows, value!.filter as Filter, parts, 'path'),
  ]
  let most = rolled.size === raw.size ? 0 : 1
  for (const [path, tally] of raw) {
    for (const name of ['views', 'weight', 'visibleMs', 'engagedMs']) {
      const [a, b] = [Number(rolled.get(path)?.[name]), Number(tally[name])]
      most = Math.max(most, Math.abs(a - b) / b)
    }
  }
  return most
}
const differs = await difference()
told(
  `roll-ups differ from rows by ${(differs * 100).toFixed(4)} % over ${daysBetween(DAYS_90.start_date, DAYS_90.end_date) + 1} days`,
)
console.log(JSON.stringify({ kind, views, rollUpMs, bytes: bytes(), differs, times }))
await store.close()
