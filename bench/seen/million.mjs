// What a flood of made-up paths, users and sites does to /metrics: `npm run bench:seen`, AMOUNT=1000000.
// Posts to a real collector, then tells its series, its memory and what was folded into `other`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const AMOUNT = Number(process.env.AMOUNT ?? 1_000_000)
const PER_POST = 100
const SENDERS = 8

/** One in so many is of a site of its own. */
const SITE_EVERY = 100

const main = fileURLToPath(new URL('../../collector/dist/main.js', import.meta.url))
const dataDir = mkdtempSync(join(tmpdir(), 'dwelltime-million-'))
const options = ['--port', '0', '--data-dir', dataDir, '--rate-limit', '0', '--page-groups', 'lesson,blog']
const collector = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
process.on('exit', () => {
  collector.kill('SIGKILL')
  rmSync(dataDir, { recursive: true, force: true })
})
const [said] = await once(collector.stdout.setEncoding('utf8'), 'data')
const origin = /listening on (\S+)/.exec(said)[1]

let posted = 0
let highestRss = 0
const watching = setInterval(watchMemory, 500)
const startedAt = performance.now()
await Promise.all(Array.from({ length: SENDERS }, sender))
const postedIn = performance.now() - startedAt
const metrics = await settled()
clearInterval(watching)
watchMemory()

const lines = metrics.split('\n')
const value = (start) =>
  Number(
    lines
      .find((line) => line.startsWith(start))
      ?.split(' ')
      .at(-1),
  )
const sum = (name) =>
  lines.filter((line) => line.startsWith(`${name}{`)).reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
console.log(`records        ${posted} of as many paths and users, ${Math.ceil(AMOUNT / SITE_EVERY)} sites`)
console.log(
  `posted in      ${(postedIn / 1000).toFixed(0)} s, settled in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
)
console.log(`series         ${lines.filter((line) => line && !line.startsWith('#')).length}, ${metrics.length} bytes`)
console.log(`starts         ${sum('session_start_total')}`)
console.log(`folded sites   ${value('dwelltime_series_limit_reached_total{label="component_name"}')}`)
console.log(`folded groups  ${value('dwelltime_series_limit_reached_total{label="page_group"}')}`)
console.log(`highest RSS    ${(highestRss / 2 ** 20).toFixed(0)} MiB`)
collector.kill('SIGTERM')
await once(collector, 'exit')

async function sender() {
  while (posted < AMOUNT) {
    const from = posted
    posted += PER_POST
    const now = Date.now()
    const records = Array.from({ length: PER_POST }, (_, index) => record(from + index, now))
    const body = JSON.stringify({ v: 1, sentAt: now, deferred: false, via: 'fetch', attempts: 1, dropped: 0, records })
    for (;;) {
      const answer = await post(body)
      if (answer?.accepted === PER_POST) break
      if (answer) throw new Error(JSON.stringify(answer))
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** Undefined if it has to be sent again: the same records are no new ones. */
async function post(body) {
  try {
    const response = await fetch(`${origin}/v1/records`, { method: 'POST', body })
    return response.status === 503 ? undefined : await response.json()
  } catch (error) {
    if (collector.exitCode !== null) throw error
    return undefined
  }
}

function record(number, now) {
  const digits = number.toString(16)
  return {
    ...{ site: number % SITE_EVERY === 0 ? `site-${number}` : 'docs', client: `Client${number}` },
    ...{ viewId: `a${digits}`.padStart(32, '0'), sessionId: `5${digits}`.padStart(32, '0'), seq: 1 },
    ...{ sessionStartedAt: now - 9_000, startedAt: now - 9_000, lastActivityAt: now },
    ...{ sessionTimeoutMs: 1_860_000, maxSessionMs: 0, heartbeatMs: 60_000 },
    ...{ userId: `user-${number}`, path: `/page/${number}`, pageGroup: `group-${number}` },
    ...{ totalMs: 9_000, visibleMs: 8_000, engagedMs: 7_000, state: 'hidden', reason: 'end' },
    spans: [
      ['engaged', 0, 7_000],
      ['idle', 7_000, 8_000],
      ['hidden', 8_000, 9_000],
    ],
    ...{ endReason: 'leave', sessionEndReason: 'explicit', samplingRate: 1, samplingUnit: 'session' },
  }
}

/** What is served when everything that was posted is counted. */
async function settled() {
  for (;;) {
    const text = await (await fetch(`${origin}/metrics`)).text()
    const starts = [...text.matchAll(/^session_start_total\{.*\} (\d+)$/gm)].reduce(
      (all, [, one]) => all + Number(one),
      0,
    )
    if (starts >= posted) return text
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

function watchMemory() {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${collector.pid}/status`, 'utf8')) ?? [0, 0]
  highestRss = Math.max(highestRss, Number(kib) * 1024)
}
