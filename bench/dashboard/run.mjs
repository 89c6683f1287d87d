// `npm run bench:dashboard [-- 1000000]`: fills a store with so many views of a year and opens each view of the dashboard
// in Chromium: how long until everything is drawn, and the longest task in which the page answered to nobody. The bars are
// 1500 ms and 200 ms. What is filled is kept in `BENCH_DIR`, if that is given, and used again, by `bench:reports` as well.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { rollup } from 'rollup'
import { bundle, output } from '../../collector/rollup.config.mjs'
import { ensureBrowsers } from '../../e2e/support/ensure-browser.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const views = Number(process.argv[2] ?? 1_000_000)

/** Of each view the median counts: what else the machine does is not the dashboard's. */
const TIMES = 3

/** By then the browser has drawn its own new window, which takes a second of processor time. */
const WINDOW_MS = 3_000

const BARS = { drawnMs: 1_500, longestTaskMs: 200 }

const children = []
const builds = join(ROOT, 'collector/node_modules/.cache')
mkdirSync(builds, { recursive: true })
const built = mkdtempSync(join(builds, 'bench-'))
const kept = process.env.BENCH_DIR
const dataDir = kept ? join(kept, `sqlite-${views}`) : mkdtempSync(join(tmpdir(), 'dwelltime-dashboard-'))
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const directory of kept ? [built] : [built, dataDir]) rmSync(directory, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const startedAt = performance.now()
const { now, session } = await filled()
console.log(`${views} views filled and rolled up in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
const origin = await startCollector()
const { CHROMIUM_BIN } = await ensureBrowsers()
const browser = await chromium.launch({ executablePath: CHROMIUM_BIN, args: ['--no-sandbox'] })

const to = new Date(now).toISOString().slice(0, 10)
const from = new Date(now - 29 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
const days = { from, to, timezone: 'Europe/Berlin' }
const places = {
  overview: {},
  'overview, the whole year': { from: new Date(now - 364 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10) },
  time: { view: 'time' },
  pages: { view: 'pages' },
  page: { view: 'page', page: '/page-0' },
  sessions: { view: 'sessions' },
  session: { view: 'session', session },
  users: { view: 'users' },
  live: { view: 'live' },
  quality: { view: 'quality' },
}
let isTooSlow = false
const before = machineTime()
console.log('view                       drawn after   longest task (ms)')
for (const [name, query] of Object.entries(places)) {
  const runs = []
  for (let time = 0; time < TIMES; time++) runs.push(await opened({ ...days, ...query }))
  const drawnMs = median(runs.map((run) => run.drawnMs))
  const longestTaskMs = median(runs.map((run) => run.longestTaskMs))
  const isOver = drawnMs > BARS.drawnMs || longestTaskMs > BARS.longestTaskMs
  isTooSlow ||= isOver
  console.log(
    `${name.padEnd(26)} ${String(drawnMs).padStart(8)} ${String(longestTaskMs).padStart(12)}${isOver ? '  over' : ''}`,
  )
}
const after = machineTime()
const stolen = (after.stolen - before.stolen) / (after.all - before.all)
if (stolen > 0) console.log(`Of the machine's time others had ${(stolen * 100).toFixed(0)} %.`)
await browser.close()
process.exit(isTooSlow ? 1 : 0)

/** A page of its own each time, and so nothing that it knows already; what the collector's disk cache knows stays. */
async function opened(query) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  await page.addInitScript(() => {
    const seen = { longestTaskMs: 0, drawnMs: 0 }
    globalThis.seen = seen
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.longestTaskMs = Math.max(seen.longestTaskMs, duration)
    }).observe({ type: 'longtask', buffered: true })
    const look = () => {
      const isDrawn = document.querySelector('main h1') && !document.querySelector('main [aria-busy="true"]')
      // What is busy no more has to stay so: one answer may lead to the next question.
      if (!isDrawn) seen.drawnMs = 0
      else if (seen.drawnMs === 0) seen.drawnMs = performance.now()
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await page.waitForTimeout(WINDOW_MS) // nothing tells when the browser's own window is done
  await page.goto(`${origin}/?${new URLSearchParams(query)}`)
  await page.waitForFunction(() => seen.drawnMs > 0 && performance.now() - seen.drawnMs > 500, undefined, {
    timeout: 120_000,
  })
  const { drawnMs, longestTaskMs } = await page.evaluate(() => seen)
  const fault = await page.evaluate(() => document.querySelector('main [role="alert"]')?.textContent)
  if (fault) throw new Error(`${JSON.stringify(query)}: ${fault}`)
  await context.close()
  return { drawnMs: Math.round(drawnMs), longestTaskMs: Math.round(longestTaskMs) }
}

/** A virtual machine is told what others took of its processors: the figures are worse by that. */
function machineTime() {
  if (!existsSync('/proc/stat')) return { stolen: 0, all: 1 }
  const times = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1, 9).map(Number)
  return { stolen: times[7], all: times.reduce((sum, time) => sum + time, 0) }
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}

async function filled() {
  const file = join(built, 'fill.mjs')
  const made = await rollup({ ...bundle, input: join(ROOT, 'bench/dashboard/fill.ts') })
  await made.write({ ...output, file })
  const child = spawn(process.execPath, [file, dataDir, String(views)], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) process.exit(1)
  return JSON.parse(text)
}

async function startCollector() {
  const main = join(ROOT, 'collector/dist/main.js')
  const child = spawn(process.execPath, [main, '--port', '0', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [said] = await once(child.stdout.setEncoding('utf8'), 'data')
  return /listening on (\S+)/.exec(said)[1]
}
