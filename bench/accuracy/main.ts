import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startCollector } from '../../e2e/support/collector.ts'
import { ensureBrowsers } from '../../e2e/support/ensure-browser.mjs'
import { startPages } from '../../e2e/support/pages.ts'
import { makeTempDir, removeDir } from '../../e2e/support/process.ts'
import { brokenBounds } from './bounds.ts'
import { CLOCKS, compare, type ViewError, worst } from './compare.ts'
import type { Driver } from './engines/driver.ts'
import { CANDIDATES, type Candidate, versionOf } from './engines/index.ts'
import { startLogServer } from './log-server.ts'
import { report } from './report.ts'
import type { EngineResult, ScenarioResult } from './results.ts'
import type { Feature, Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { type Measured, perform } from './stage.ts'
import { openTogether } from './tabs.ts'

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', multiple: true },
    scenario: { type: 'string', multiple: true },
    repeat: { type: 'string', default: '1' },
    tabs: { type: 'string' },
    parallel: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})
const DOCUMENT = fileURLToPath(new URL('../../docs/accuracy.md', import.meta.url))

const repeat = count('repeat', flags.repeat)
const parallel = flags.parallel === undefined ? undefined : count('parallel', flags.parallel)
const tabs = flags.tabs === undefined ? undefined : count('tabs', flags.tabs)

const wanted = SCENARIOS.filter(({ name }) => !flags.scenario || flags.scenario.includes(name))
if (!wanted.length) throw new Error(`no such scenario; there are: ${SCENARIOS.map(({ name }) => name).join(', ')}`)

// Ended by hand it takes its browsers along: what cleans up does so at the exit.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

const candidates = CANDIDATES.filter(({ name }) => !flags.engine || flags.engine.includes(name))
Object.assign(process.env, await ensureBrowsers(candidates.map(({ name }) => name)))
const present = candidates.filter(({ variable }) => process.env[variable])
const absent = candidates.filter((it) => !present.includes(it)).map(({ title }) => `${title} is not on this machine`)

if (tabs) for (const candidate of present) await openTogether(candidate, tabs)
else conclude(parallel ? await Promise.all(present.map(measure)) : await oneByOne(present))

/** Of none a report would say that all is well. */
function count(name: string, given: string): number {
  if (!/^[1-9]\d*$/.test(given)) throw new Error(`--${name} is ${given}, want a whole number from 1`)
  return Number(given)
}

async function oneByOne(candidates: Candidate[]): Promise<EngineResult[]> {
  const results: EngineResult[] = []
  for (const candidate of candidates) results.push(await measure(candidate))
  return results
}

function conclude(results: EngineResult[]): void {
  const broken = results.flatMap(({ engine, scenarios }) => brokenBounds(engine, scenarios))
  for (const sentence of [...absent, ...broken]) console.log(sentence)
  if (broken.length || !results.length) process.exitCode = 1
  // Part of a measurement is no report.
  if (flags.engine || flags.scenario) return
  const machine = `${cpus().length} × ${cpus()[0]!.model.trim()}, ${process.platform}, Node ${process.versions.node}`
  writeFile(DOCUMENT, report({ results, absent, broken, machine, repeat, parallel, at: new Date() }))
}

async function measure(candidate: Candidate): Promise<EngineResult> {
  const { name: engine, start } = candidate
  const version = await versionOf(candidate)
  const dir = await makeTempDir('accuracy')
  const collector = await startCollector(dir)
  const logs = await startLogServer()
  const first = await start()
  const features = await featuresOf(first)
  const result: EngineResult = { engine, version, features, scenarios: [], skipped: [] }
  console.log(`\n${version}`)
  const todo: Scenario[] = []
  for (const scenario of wanted) {
    const why = whyNot(scenario, first, features)
    if (!why) todo.push(scenario)
    else {
      result.skipped.push({ name: scenario.name, what: scenario.what, why })
      console.log(`${engine.padEnd(9)} ${scenario.name.padEnd(20)} not drivable: ${why}`)
    }
  }
  const done = new Map<Scenario, ScenarioResult>()
  const lanes = Array.from({ length: parallel ?? 1 }, (_, lane) => measureNext(lane === 0 ? first : undefined))
  await Promise.all(lanes)
  result.scenarios = wanted.flatMap((scenario) => done.get(scenario) ?? [])
  logs.stop()
  await collector.stop()
  await removeDir(dir)
  return result

  /** One scenario after the other, in a browser of its own, until there are no more. */
  async function measureNext(started: Driver | undefined): Promise<void> {
    let driver = started ?? (await start())
    for (let scenario = todo.shift(); scenario; scenario = todo.shift()) {
      const counts = !scenario.undecidableWithout || features.includes(scenario.undecidableWithout)
      const { name, what, worstMs } = scenario
      const all: ScenarioResult = { name, what, worstMs, counts, views: [], sumErrors: [], actsOff: [], faults: [] }
      if (!counts) all.note = `the engine has no ${scenario.undecidableWithout} entries`
      for (let run = 0; run < repeat; run++) {
        try {
          const measured = await perform(scenario.run, { driver, collector, logs, options: scenario.options ?? {} })
          const { views, sumError, actsOff, faults } = compare(measured)
          all.views.push(...views)
          if (!scenario.severalTabs) all.sumErrors.push(sumError)
          if (actsOff !== null && canActsTell(scenario)) all.actsOff.push(actsOff)
          all.faults.push(...faults)
          if (flags.verbose) tell(measured, views)
        } catch (error) {
          all.faults.push(`run ${run + 1} failed: ${(error as Error).message.split('\n')[0]}`)
          if (flags.verbose) console.error(error)
          // What one scenario did to its browser must not spoil the next.
          await driver.engine.stop().catch(() => {})
          driver = await start()
        }
      }
      print(engine, all)
      done.set(scenario, all)
    }
    await driver.engine.stop()
  }
}

/** The acts that keep the time know of one tab, hidden and shown as a tab is. */
function canActsTell({ needs, severalTabs }: Scenario): boolean {
  return !severalTabs && !needs?.includes('minimise')
}

/** Why this engine cannot be driven to what the scenario needs. */
function whyNot({ needs = [] }: Scenario, { can, cannot }: Driver, features: string[]): string | undefined {
  const need = needs.find((it) => !(it in can) && !features.includes(it))
  return need && (cannot[need as keyof typeof cannot] ?? `the engine has no ${need}`)
}

async function featuresOf({ engine }: Driver): Promise<Feature[]> {
  // On a page of its own: Firefox and WebKit wait for another address than the blank one.
  const pages = await startPages()
  const tab = await engine.open(pages.url('/features', { form: 'none' }))
  const found = await tab.eval(() => [
    ...PerformanceObserver.supportedEntryTypes,
    ...(document.createElement('video').canPlayType('audio/wav') ? ['media'] : []),
  ])
  await tab.close()
  pages.stop()
  return found as Feature[]
}

function print(engine: string, { name, views, faults, counts, sumErrors, actsOff }: ScenarioResult): void {
  const errors = CLOCKS.map((clock) => `${clock} ${worst(views.map(({ error }) => error[clock]))}`.padEnd(15))
  const truth = views.map((view) => CLOCKS.map((clock) => view.truth[clock]).join('/')).join(' ')
  console.log(
    `${engine.padEnd(9)} ${name.padEnd(20)} ${errors.join('')} sum ${worst(sumErrors)}, acts ${worst(actsOff)}`.padEnd(
      100,
    ),
    counts ? '' : '(not counted)',
    truth,
  )
  for (const fault of faults) console.log(`${engine.padEnd(9)} ${name}: ${fault}`)
}

function tell({ diaries, stored }: Measured, views: ViewError[]): void {
  for (const { path, error } of views) console.log(`  ${path}`, error)
  for (const { viewId, path, seq, reason, endReason, spans } of stored)
    console.log(`  stored ${viewId.slice(0, 4)} ${path} ${seq} ${reason} ${endReason ?? '-'} ${spans.join(' ')}`)
  for (const { doc, epoch, commit, events } of diaries) {
    console.log(`  ${doc} at ${Math.round(epoch)}, commit ${commit}`)
    for (const { type, at, shown, focused, inFrame, url, ...more } of events)
      console.log(
        `    ${type} ${at} ${shown ? 'shown' : '-'} ${focused ? 'focus' : '-'} ${inFrame ? 'frame' : ''} ${url}`,
        more,
      )
  }
}
