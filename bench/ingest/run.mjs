// `npm run bench:ingest`: posts that the whole collector acknowledges each second, beside the same app without a store,
// in turns on the same machine. `-- --soak`: then memory at half that rate; SOAK_MINUTES says how long (10).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from 'rollup'
import { bundle, output } from '../../collector/rollup.config.mjs'
import { load, percentile } from './load.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Many and short: what others do to the machine then meets both alike. */
const ROUNDS = 24
const ROUND_MS = 1_000
/** Until V8 has compiled what is run: its compiler takes a fifth of the machine meanwhile, most of it for the longer code. */
const WARM_UP_MS = 6_000
/** Enough that no server waits for who sends: a post is answered with its whole batch, and two batches are on their way. */
const CONNECTIONS = 128
const SOAK_MINUTES = process.argv.includes('--soak') ? Number(process.env.SOAK_MINUTES ?? 10) : 0

/** What must hold. */
const LIMITS = { single: 0.6, many: 0.5, soakMiB: 250, soakGrowth: 1.1 }

const builds = join(ROOT, 'collector/node_modules/.cache')
mkdirSync(builds, { recursive: true })
const directory = mkdtempSync(join(builds, 'bench-'))
const directories = [directory]
const children = []
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const each of directories) rmSync(each, { recursive: true, force: true })
})

async function start(input, options) {
  const file = join(directory, `${children.length}.mjs`)
  const built = await rollup({ ...bundle, input: join(ROOT, input) })
  await built.write({ ...output, file })
  const child = spawn(process.execPath, [file, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [text] = await once(child.stdout.setEncoding('utf8'), 'data')
  return { child, port: Number(new URL(/listening on (\S+)/.exec(text)[1]).port) }
}

async function startCollector() {
  const data = mkdtempSync(join(tmpdir(), 'dwelltime-bench-'))
  directories.push(data)
  return start('collector/src/main.ts', ['--port', '0', '--rate-limit', '0', '--data-dir', data])
}

const servers = {
  'parse only': await start('bench/ingest/parse-only.ts', []),
  collector: await startCollector(),
}

const failures = []

/** CPU time that a process has used, in s. Other work on the machine hardly changes it, unlike the rate. */
function cpuSeconds({ pid }) {
  const [utime, stime] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13)
  return (Number(utime) + Number(stime)) / 100
}

async function compare(perPost, limit) {
  const rates = { 'parse only': [], collector: [] }
  const cpu = { 'parse only': 0, collector: 0 }
  const posts = { 'parse only': 0, collector: 0 }
  const latencies = []
  for (const { port } of Object.values(servers)) {
    await load({ port, connections: CONNECTIONS, ms: WARM_UP_MS, perPost })
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { child, port }] of Object.entries(servers)) {
      const cpuBefore = cpuSeconds(child)
      const result = await load({ port, connections: CONNECTIONS, ms: ROUND_MS, perPost })
      cpu[name] += cpuSeconds(child) - cpuBefore
      posts[name] += result.posts
      rates[name].push(result.posts / result.seconds)
      if (result.refused > 0) failures.push(`${name} refused ${result.refused} posts`)
      if (name === 'collector') latencies.push(...result.latencies)
    }
  }
  const medians = Object.fromEntries(Object.entries(rates).map(([name, each]) => [name, percentile(each, 50)]))
  const ratios = rates.collector.map((rate, round) => rate / rates['parse only'][round])
  const ratio = percentile(ratios, 50)
  console.log(
    `${perPost} a post: collector ${Math.round(medians.collector)} posts/s, parse only ${Math.round(medians['parse only'])};` +
      ` ratio ${ratio.toFixed(2)} (${ratios.map((each) => each.toFixed(2)).join(' ')}), want >= ${limit};` +
      ` p50 ${percentile(latencies, 50).toFixed(1)} ms, p99 ${percentile(latencies, 99).toFixed(1)} ms`,
  )
  const perCpu = (name) => posts[name] / cpu[name]
  console.log(
    `  posts per second of CPU: collector ${Math.round(perCpu('collector'))}, ` +
      `parse only ${Math.round(perCpu('parse only'))}; ratio ${(perCpu('collector') / perCpu('parse only')).toFixed(2)}`,
  )
  if (ratio < limit) failures.push(`${perPost} a post: ratio ${ratio.toFixed(2)} < ${limit}`)
  return medians.collector
}

const rssMiB = ({ pid }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

/** Of a collector that was never asked for more than half of what it can do. */
async function soak(perSecond) {
  console.log(`RSS after all it can take: ${rssMiB(servers.collector.child).toFixed(0)} MiB`)
  for (const { child } of Object.values(servers)) child.kill()
  const { child, port } = await startCollector()
  const samples = []
  for (let minute = 0; minute < SOAK_MINUTES; minute++) {
    const { posts, seconds } = await load({ port, connections: CONNECTIONS, ms: 60_000, perPost: 1, perSecond })
    samples.push(rssMiB(child))
    console.log(`minute ${minute + 1}: ${Math.round(posts / seconds)} posts/s, RSS ${samples.at(-1).toFixed(0)} MiB`)
  }
  const highest = Math.max(...samples)
  // The first minutes fill caches; what grows after them would not stop growing.
  const half = Math.floor(samples.length / 2)
  const growth = Math.max(...samples.slice(half)) / Math.max(...samples.slice(0, half))
  console.log(`RSS: highest ${highest.toFixed(0)} MiB, second half ${growth.toFixed(2)} x the first`)
  if (growth > LIMITS.soakGrowth) failures.push(`RSS grows: ${growth.toFixed(2)} x`)
  if (highest > LIMITS.soakMiB) failures.push(`RSS ${highest.toFixed(0)} MiB > ${LIMITS.soakMiB}`)
}

const rate = await compare(1, LIMITS.single)
await compare(20, LIMITS.many)
if (SOAK_MINUTES > 0) await soak(rate / 2)
for (const failure of failures) console.log(`FAILED: ${failure}`)
process.exit(failures.length === 0 ? 0 : 1)
