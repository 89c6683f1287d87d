import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startCollector } from '../../e2e/support/collector.ts'
import { ensureBrowsers } from '../../e2e/support/ensure-browser.mjs'
import { makeTempDir, removeDir } from '../../e2e/support/process.ts'
import { CANDIDATES, type Candidate, versionOf } from '../accuracy/engines/index.ts'
import { startLogServer } from '../accuracy/log-server.ts'
import { FACTS, tells, whyNotDrivable } from './deliverable.ts'
import { createLane } from './lane.ts'
import { type Cell, fullMatrix, nameOf, pairwise } from './plan.ts'
import { brokenPromises, type EngineRun, report, summary } from './report.ts'
import type { CellResult } from './results.ts'

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', multiple: true, default: ['chromium'] },
    full: { type: 'boolean', default: false },
    cell: { type: 'string', multiple: true },
    parallel: { type: 'string', default: '3' },
    verbose: { type: 'boolean', default: false },
  },
})
const DOCUMENT = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url))
/** A cell that could not be driven to its end is tried once more: a driver may fail, and says nothing of the SDK. */
const TRIES = 2

// Ended by hand it takes its browsers along: what cleans up does so at the exit.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

const candidates = CANDIDATES.filter(({ name }) => flags.engine.includes(name))
if (!candidates.length) throw new Error(`no such engine; there are: ${CANDIDATES.map(({ name }) => name).join(', ')}`)
Object.assign(process.env, await ensureBrowsers(candidates.map(({ name }) => name)))

const runs: EngineRun[] = []
for (const candidate of candidates) {
  if (!process.env[candidate.variable]) console.log(`${candidate.title} is not on this machine`)
  else runs.push(await measure(candidate))
}
conclude()

async function conclude(): Promise<void> {
  const broken = runs.flatMap(brokenPromises)
  for (const run of runs) console.log(`\n${summary(run)}`)
  console.log(
    broken.length ? `\n${broken.length} broken:\n${broken.join('\n')}` : '\nNothing was lost that could be delivered.',
  )
  if (broken.length || !runs.length) process.exitCode = 1
  // Part of a measurement is no report.
  if (flags.cell) return
  const before = await readFile(DOCUMENT, 'utf8').catch(() => '') // the first one
  await writeFile(DOCUMENT, report(runs, before))
}

async function measure(candidate: Candidate): Promise<EngineRun> {
  const started = performance.now()
  const facts = FACTS[candidate.name]
  const version = await versionOf(candidate)
  const drivable = fullMatrix().filter((cell) => !whyNotDrivable(cell, facts))
  const planned = flags.full || flags.cell ? drivable : pairwise(drivable, (cell) => tells(cell, facts))
  const cells = planned.filter((cell) => (flags.cell ?? []).every((text) => nameOf(cell).includes(text)))
  console.log(`\n${version}: ${cells.length} of ${fullMatrix().length} cells`)

  const dir = await makeTempDir('ledger')
  const collector = await startCollector(dir)
  const logs = await startLogServer()
  const results: CellResult[] = []
  const undriven: EngineRun['undriven'] = []
  const rest = [...cells.entries()]
  const work = async () => {
    const lane = createLane(candidate.name, { facts, collector, logs })
    for (let next = rest.shift(); next; next = rest.shift()) {
      const [index, cell] = next
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        try {
          const result = await lane.perform(cell, `cell-${index}-${attempt}`)
          results.push(result)
          print(index, result)
          break
        } catch (error) {
          const why = (error as Error).message.split('\n')[0]!
          console.log(
            `${label(index, cell)} not driven, try ${attempt}: ${flags.verbose ? (error as Error).stack : why}`,
          )
          if (attempt === TRIES) undriven.push({ cell, why })
        }
      }
    }
    await lane.stop()
  }
  await Promise.all(Array.from({ length: Number(flags.parallel) }, work))
  logs.stop()
  await collector.stop()
  await removeDir(dir)
  return {
    engine: candidate.name,
    version,
    plan: flags.full ? 'full matrix' : 'pairwise',
    cells: cells.length,
    results,
    undriven,
    seconds: Math.round((performance.now() - started) / 1_000),
    machine: `${cpus().length} × ${cpus()[0]!.model.trim()}, ${process.platform}, Node ${process.versions.node}`,
    at: new Date(),
  }
}

function label(index: number, cell: Cell): string {
  return `${String(index).padStart(4)} ${nameOf(cell).padEnd(74)}`
}

function print(index: number, result: CellResult): void {
  const { cell, views, duplicated, errors, evidence, ms, mostDeliveries, requests, sumOverMs } = result
  const told = views.map(({ role, outcome, errorMs, undeliverable, trueMs }) => {
    const short = { leaving: 'L', behind: 'b', after: 'a' }[role]
    return `${short}:${outcome}${errorMs ? `${errorMs > 0 ? '+' : ''}${errorMs}` : ''}${undeliverable ? '*' : ''}${flags.verbose ? `/${trueMs}` : ''}`
  })
  const more = [
    ...(duplicated ? [`${duplicated} TOO MANY`] : []),
    ...(sumOverMs ? [`${sumOverMs} ms COUNTED TWICE`] : []),
    ...(flags.verbose ? [`${requests} requests, one record up to ${mostDeliveries} times`] : []),
    ...errors,
  ]
  console.log(`${label(index, cell)} ${(ms / 1_000).toFixed(1).padStart(5)} s  ${told.join(' ')} ${more.join('; ')}`)
  if (flags.verbose) for (const line of evidence) console.log(`     ${line}`)
}
