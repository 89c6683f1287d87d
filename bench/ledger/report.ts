import type { EngineName } from '../../e2e/support/engine.ts'
import { median, worst } from '../accuracy/compare.ts'
import { FACTS, whyNotDrivable } from './deliverable.ts'
import { type Cell, EXITS, fullMatrix, NETWORKS, nameOf, STORAGES, TABS } from './plan.ts'
import type { CellResult, ViewResult } from './results.ts'

/** All that was measured in one engine. */
export interface EngineRun {
  engine: EngineName
  version: string
  plan: 'full matrix' | 'pairwise'
  cells: number
  results: CellResult[]
  /** Cells whose acts failed. */
  undriven: { cell: Cell; why: string }[]
  seconds: number
  machine: string
  at: Date
}

/** Sums are of rounded numbers. */
const MOST_SUM_OVER_MS = 30

/** What is worse than promised, one sentence each. */
export function brokenPromises({ engine, results, undriven }: EngineRun): string[] {
  const broken = results.flatMap(({ cell, views, duplicated, errors, sumOverMs }) => {
    const owed = views.filter(({ undeliverable }) => !undeliverable)
    const wrong = [
      ...owed.filter(({ outcome }) => outcome === 'lost').map(({ role }) => `${role} view lost`),
      ...owed.filter(({ outcome }) => outcome === 'short').map(tooShort),
      // However little could be delivered: what is there must not be too much.
      ...views.filter(({ outcome }) => outcome === 'over').map(tooLong),
      ...(duplicated ? [`${duplicated} views too many`] : []),
      ...(sumOverMs > MOST_SUM_OVER_MS ? [`sessions have ${sumOverMs} ms more than their views`] : []),
      ...errors.map((error) => `the page: ${error}`),
    ]
    return wrong.map((what) => `${engine} ${nameOf(cell)}: ${what}`)
  })
  return [...broken, ...undriven.map(({ cell, why }) => `${engine} ${nameOf(cell)}: not driven: ${why}`)]
}

const tooShort = ({ role, errorMs, trueMs }: ViewResult) => `${role} view short of ${-errorMs!} of ${trueMs} ms`
const tooLong = ({ role, errorMs, trueMs }: ViewResult) => `${role} view over its ${trueMs} ms by ${errorMs}`

const HEAD = [
  'views',
  'at exit',
  'by the next visit',
  'short or over',
  'lost',
  'duplicated',
  'error: median',
  'worst',
  'deliveries of one record',
  'not deliverable',
]

/** The table of one engine as it is printed, with as many blanks as it takes to read it. */
export function summary(run: EngineRun): string {
  const rows = [['exit', ...HEAD], ...byFactor(run, 'exit', EXITS), all(run)]
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.length))
  const lines = rows.map((row) =>
    row.map((text, i) => (i ? text.padStart(width(i)) : text.padEnd(width(i)))).join('  '),
  )
  return [`${run.version}, ${run.plan}: ${run.cells} cells in ${duration(run.seconds)}`, ...lines].join('\n')
}

type Value = Cell[keyof Cell]

function byFactor({ results }: EngineRun, factor: keyof Cell, values: readonly Value[]): string[][] {
  return values.flatMap((value) => {
    const mine = results.filter(({ cell }) => cell[factor] === value)
    return mine.length ? [[`${value}`, ...counts(mine)]] : []
  })
}

const all = ({ results }: EngineRun) => ['all', ...counts(results)]

function counts(results: CellResult[]): string[] {
  const views = results.flatMap((result) => result.views)
  const owed = views.filter(({ undeliverable }) => !undeliverable)
  const count = (...outcomes: string[]) => `${owed.filter(({ outcome }) => outcomes.includes(outcome)).length}`
  const errors = owed.flatMap(({ errorMs }) => errorMs ?? [])
  const duplicated = results.reduce((sum, result) => sum + result.duplicated, 0)
  const undeliverable = views.filter((view) => view.undeliverable)
  const anyway = undeliverable.filter(({ outcome }) => outcome === 'exit' || outcome === 'later').length
  return [
    `${owed.length}`,
    count('exit'),
    count('later'),
    count('short', 'over'),
    count('lost'),
    `${duplicated}`,
    errors.length ? `${Math.round(median(errors.map(Math.abs)))}` : '',
    errors.length ? signed(worst(errors)) : '',
    `${Math.max(0, ...results.map(({ mostDeliveries }) => mostDeliveries))}`,
    undeliverable.length ? `${undeliverable.length}${anyway ? ` (${anyway} came)` : ''}` : '',
  ]
}

/** docs/reliability.md: the sections of these engines anew, those of others as they were in `before`. */
export function report(runs: EngineRun[], before: string): string {
  const sections = new Map<EngineName, string>()
  for (const name of Object.keys(FACTS) as EngineName[]) {
    const [, old] = before.match(new RegExp(`<!-- ${name} -->\n([^]*?)<!-- end of ${name} -->`)) ?? []
    const run = runs.find(({ engine }) => engine === name)
    const section = run ? engineSection(run) : old
    if (section) sections.set(name, `<!-- ${name} -->\n${section}<!-- end of ${name} -->\n`)
  }
  return `${INTRODUCTION}\n${[...sections.values()].join('\n')}`
}

const INTRODUCTION = `# Reliability

Written by \`npm run ledger\`; do not edit. What real browsers showed, in every way that a page can end, on bad networks
and with storage at fault, against what the collector's database had of it in the end.

- **A cell** is one exit × one network × one storage × 1, 2 or 5 tabs. The page that leaves is shown for 2 s (the one that
  is killed after it was hidden, for 6 s), those in the tabs behind it for 1.5 s. The network is at fault from before the
  first page until after the exit; then it heals, and a page of the same origin is visited in the same profile, by a
  browser started anew where the exit has ended it. Tabs that are still there are shown once more and closed.
- **True** is what a small log of the page says that shares nothing with the SDK, and where the page cannot know its end,
  the driver's own acts: a range then, and an error is what lies outside of it.
- **At exit**: stored before the next visit began. **By the next visit**: then, or when a page that had lived on was shown
  or closed. **Short or over**: stored, but with an error of more than is promised. Errors are of visible time, in ms.
- **Deliveries of one record**: how often the one that came most often reached the collector, which counts it once.
- **Not deliverable**: nothing could be stored, and nothing got through before the page was gone, or it was not told that
  it goes. Such views are in no other column.
- **Promised**, and checked by the command's exit code: of the deliverable views none lost and none twice, none over by more
  than 30 ms, none short of more than 0.6 s or 8 %.
- Pairwise: a selection in which each two values of two factors meet; \`--full\` is all of it.
`

function engineSection(run: EngineRun): string {
  const { version, plan, cells, seconds, machine, at } = run
  const broken = brokenPromises(run)
  return `## ${version}

${at.toISOString().slice(0, 10)}, ${plan}: ${cells} cells in ${duration(seconds)}. ${machine}.

${broken.length ? `**Broken promises:**\n\n${broken.map((line) => `- ${line}`).join('\n')}` : 'All promises held.'}

${table(['exit', ...HEAD], [...byFactor(run, 'exit', EXITS), all(run)])}

${table(['network', ...HEAD], byFactor(run, 'network', NETWORKS))}

${table(['storage', ...HEAD], byFactor(run, 'storage', STORAGES))}

${table(['tabs', ...HEAD], byFactor(run, 'tabs', TABS))}

${undeliverable(run)}${undrivable(run)}`
}

/** Why views could not be delivered, and of which exits, networks and storages they were. */
function undeliverable({ results }: EngineRun): string {
  const reasons = new Map<string, { views: number; cells: Cell[] }>()
  for (const { cell, views } of results) {
    for (const { undeliverable: why } of views) {
      if (!why) continue
      const known = reasons.get(why) ?? { views: 0, cells: [] }
      known.views++
      known.cells.push(cell)
      reasons.set(why, known)
    }
  }
  if (!reasons.size) return ''
  const list = (cells: Cell[], factor: keyof Cell) => [...new Set(cells.map((cell) => cell[factor]))].join(', ')
  const rows = [...reasons].map(([why, { views, cells }]) => [
    why,
    `${views}`,
    ...(['exit', 'network', 'storage'] as const).map((factor) => list(cells, factor)),
  ])
  return `### Not deliverable

${table(['why', 'views', 'exits', 'networks', 'storages'], rows)}

`
}

function undrivable({ engine }: EngineRun): string {
  const reasons = new Map<string, Cell[]>()
  for (const cell of fullMatrix()) {
    const why = whyNotDrivable(cell, FACTS[engine])
    if (why) reasons.set(why, [...(reasons.get(why) ?? []), cell])
  }
  if (!reasons.size) return ''
  const rows = [...reasons].map(([why, cells]) => {
    const exits = [...new Set(cells.map(({ exit }) => exit))]
    const networks = [...new Set(cells.map(({ network }) => network))]
    const where = networks.length === 1 ? ` on the network ${networks[0]}` : ''
    return [(exits.length === EXITS.length ? 'all exits' : exits.join(', ')) + where, `${cells.length}`, why]
  })
  return `### Not driven

${table(['what', 'cells', 'why'], rows)}

`
}

const signed = (ms: number) => (ms > 0 ? `+${ms}` : `${ms}`)
const duration = (seconds: number) => `${Math.floor(seconds / 60)} min ${seconds % 60} s`
const quoted = (text: string) => text.replaceAll('|', '\\|')

/** As the formatter of this repository wants it. */
function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows].map((cells) => cells.map(quoted))
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column]!.length)))
  const line = (cells: string[]) => `| ${cells.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`
  const [first, ...others] = all.map(line)
  return [first, line(widths.map((width) => '-'.repeat(width))), ...others].join('\n')
}
