import { CLOCKS, type Clock, median, type ViewError, worst } from './compare.ts'
import type { EngineResult } from './results.ts'

interface Measurement {
  results: EngineResult[]
  /** Engines that are not on this machine. */
  absent: string[]
  broken: string[]
  machine: string
  repeat: number
  /** So many browsers of each engine at once, all engines side by side; undefined: one after the other. */
  parallel: number | undefined
  at: Date
}

/** docs/accuracy.md, whole. */
export function report({ results, absent, broken, machine, repeat, parallel, at }: Measurement): string {
  return `# Accuracy

Written by \`npm run accuracy\` on ${at.toISOString().slice(0, 10)}; do not edit. ${machine}.
Browsers: ${results.map(({ version }) => version).join('; ')}. Each scenario ran ${times(repeat)}${parallel ? `, ${parallel} of each engine at once` : ''}.

${broken.length ? `**Broken bounds:**\n\n${broken.map((line) => `- ${line}`).join('\n')}` : 'All bounds held.'}

## How far off

Error of one view = what the collector stored − what is true, in ms; absolute for the median, with its sign for the worst.

${table(
  ['engine', 'clock', 'views', 'median', 'mean, signed', 'worst', 'in'],
  results.flatMap((result) => CLOCKS.map((clock) => summary(result, clock))),
)}

Promised, and checked by the command's exit code: in every engine a median of at most 30 ms for visible and 50 ms for
engaged; in Chromium no view worse than 150 ms and 250 ms, and 1 s where the process was stopped, since what came after
the last look does not count.

${METHOD}${acts(results)}
${results.map(scenarios).join('\n')}
${notDrivable(results, absent)}`
}

const METHOD = `## How it is measured

- **Real browsers** on a real machine: tabs are hidden by other tabs, windows minimised, processes stopped, inputs made
  by the browser as if by hand. Nothing in a page is simulated but the wall clock of the two \`wall\` scenarios.
- **Measured**: the last record of each view as the collector stored it. A scenario ends by hiding its page; whether the
  record of a page that closes arrives is another question.
- **True**: a small script in front of everything else keeps a diary of what the platform tells (visibility, focus,
  freeze, page show and hide, trusted inputs with their own time stamps, media, routes). The driver adds when it stopped the
  processes. Neither shares a line with the SDK. Afterwards a separate program paints the diary on a grid of one cell per
  millisecond and lays the idle rule over it ([bench/accuracy/truth.ts](../bench/accuracy/truth.ts)); its own tests are
  computed by hand.
- \`idleTimeout\` is 2 s and \`idleCredit\` 0.5 s unless the scenario says otherwise; the idle rule has no scale.
- *sum* is the visible time of all views of a scenario minus the time that any of them was on screen: a second that two
  pages count shows there.
- \`npm run accuracy -- --engine chromium --scenario slow-server --repeat 5 --verbose\` measures a part and prints the
  diaries; \`--parallel 2\` has two browsers of each engine at once; \`--tabs 50\` opens two tabs in the same instant,
  50 times, and counts those that agreed on one session.
`

/** The diaries themselves, against a third witness. */
function acts(results: EngineResult[]): string {
  const lines = results.map(({ version, scenarios }) => {
    const off = scenarios.flatMap(({ actsOff }) => actsOff)
    const outside = off.filter((ms) => ms > 0)
    const most = outside.length ? `, else off by at most ${worst(off)} ms` : ''
    return `${version}: in ${off.length - outside.length} of ${off.length} runs${most}`
  })
  return `- **A third witness**: where one tab is hidden and shown, the calls to the browser tell by themselves how long it was in
  front, as a range. The time on screen that the diaries say lies inside of it:
${lines.map((line) => `  - ${line}`).join('\n')}
`
}

function summary({ engine, scenarios }: EngineResult, clock: Clock): string[] {
  const counted = scenarios.filter(({ counts }) => counts)
  const errors = counted.flatMap(({ views }) => views.map(({ error }) => error[clock]))
  const most = worst(errors)
  const where = counted.find(({ views }) => views.some(({ error }) => error[clock] === most))
  const mean = errors.reduce((a, b) => a + b, 0) / (errors.length || 1)
  const middle = errors.length ? median(errors.map(Math.abs)) : 0
  return [engine, clock, `${errors.length}`, whole(middle), signed(mean), signed(most), where?.name ?? '']
}

function scenarios({ version, scenarios }: EngineResult): string {
  const rows = scenarios.map((result) => {
    const of = (clock: Clock) => cell(result.views, clock)
    const marks = [...(result.counts ? [] : [`not counted: ${result.note}`]), ...result.faults].join('; ')
    const what = result.what + (marks ? ` (**${quoted(marks)}**)` : '')
    return [result.name, what, `${result.views.length}`, ...CLOCKS.map(of), signed(worst(result.sumErrors))]
  })
  return `## ${version}

Per scenario and clock: median absolute error, worst error with its sign, in ms.

${table(['scenario', 'what happens', 'views', ...CLOCKS, 'sum'], rows)}
`
}

const cell = (views: ViewError[], clock: Clock) => {
  const errors = views.map(({ error }) => error[clock])
  return errors.length ? `${whole(median(errors.map(Math.abs)))}, ${signed(worst(errors))}` : ''
}

function notDrivable(results: EngineResult[], absent: string[]): string {
  const rows = results.flatMap(({ engine, skipped }) => skipped.map(({ name, why }) => [engine, name, why]))
  if (!rows.length && !absent.length) return ''
  return `## Not measured

${absent.map((line) => `- ${line}\n`).join('')}
${rows.length ? table(['engine', 'scenario', 'why'], rows) : ''}
`
}

const times = (count: number) => (count === 1 ? 'once' : `${count} times`)
const whole = (ms: number) => `${Math.round(ms)}`
const signed = (ms: number) => (Math.round(ms) > 0 ? `+${whole(ms)}` : whole(ms))
const quoted = (text: string) => text.replaceAll('|', '\\|')

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
