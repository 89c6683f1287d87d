import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'

/** What must hold, in ms; differences as a share. */
const LIMIT_MS = 1_000
const PAGES_LIMIT_MS = 300
const PAGES = 'pages, 90 days'
const MOST_DIFFERENT = 0.01

/** What this page is about. */
const WANTED = ['sqlite', 'clickhouse'].flatMap((kind) => [1e6, 3e6, 1e7].map((views) => ({ kind, views })))

const limitOf = (name) => (name === PAGES ? PAGES_LIMIT_MS : LIMIT_MS)

const machine = () =>
  `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, load ${loadavg()[2].toFixed(0)}`

const million = (views) => `${views / 1e6} M`
const label = ({ kind, views }) => `${kind === 'sqlite' ? 'SQLite' : 'ClickHouse'}, ${million(views)}`

/** Figures of earlier runs stay for what was not run now; answers what misses its bar. */
export function writeReport(file, now) {
  const key = ({ kind, views }) => `${kind} ${views}`
  const date = new Date().toISOString().slice(0, 10)
  const before = existsSync(file) ? JSON.parse(/<!-- (\[.*\]) -->/.exec(readFileSync(file, 'utf8'))?.[1] ?? '[]') : []
  const all = new Map(
    [...before, ...now.map((each) => ({ ...each, date, machine: machine() }))].map((each) => [key(each), each]),
  )
  const results = [...all.values()].sort((a, b) => (a.kind < b.kind ? 1 : a.kind > b.kind ? -1 : a.views - b.views))
  const failures = []
  for (const { kind, views, times, differs } of results) {
    for (const [name, ms] of Object.entries(times)) {
      if (!(ms <= limitOf(name)))
        failures.push(`${kind}, ${million(views)} views: ${name} ${ms} ms > ${limitOf(name)} ms`)
    }
    if (differs > MOST_DIFFERENT) failures.push(`${kind}, ${million(views)} views: roll-ups differ by ${differs}`)
  }
  const unseen = WANTED.filter((wanted) => !all.has(key(wanted))).map(label)
  writeFileSync(file, document(results, failures, unseen))
  execFileSync('npx', ['biome', 'format', '--write', file], { stdio: 'ignore' })
  return [...failures, ...unseen.map((each) => `${each}: no figures`)]
}

/** How times grow with the number of views, for each store of which several sizes were seen. */
function growth(results, names) {
  const row = (cells) => `| ${cells.join(' | ')} |`
  const ranges = ['sqlite', 'clickhouse']
    .map((kind) => results.filter((each) => each.kind === kind && each.views >= 1e6))
    .filter((sizes) => sizes.length > 1)
    .map((sizes) => [sizes[0], sizes.at(-1)])
  if (ranges.length === 0) return ''
  const head = ranges.map(
    ([least, most]) => `${label(least)} to ${million(most.views)} (× ${most.views / least.views})`,
  )
  const factor =
    (name) =>
    ([least, most]) =>
      `× ${(most.times[name] / least.times[name]).toFixed(1)}`
  const rows = names.map((name) => row([name, ...ranges.map(factor(name))]))
  return ['## Growth', '', row(['report', ...head]), row(['---', ...head.map(() => '--:')]), ...rows, ''].join('\n')
}

function document(results, failures, unseen) {
  const row = (cells) => `| ${cells.join(' | ')} |`
  const names = [...new Set(results.flatMap(({ times }) => Object.keys(times)))]
  const table = (title, first, rows) =>
    [title, '', row([first, ...results.map(label)]), row(['---', ...results.map(() => '--:')]), ...rows, ''].join('\n')
  return `# How fast reports are

\`npm run bench:reports\` writes this page: so many views of 365 days (three to a session, 500 pages, of which few are read
much), rolled up as they would be: each of the last 8 days until it changes (none does here; one that has is read from its
rows until it is rolled up again, within some minutes), today not. Then every report
over its default range, the last 30 days, and what else is named. Medians of nine after one, in ms, from the question to
the rows. ClickHouse is its engine in-process (chDB) over four connections, with the values in the questions' text: so it
answers those of one report side by side, as a server does: its binding for Node takes questions with parameters one after
the other.

Bars: ${LIMIT_MS} ms, "${PAGES}" ${PAGES_LIMIT_MS} ms; roll-ups within 1 % of the rows.

${table(
  '## Reports',
  'report, ms',
  names.map((name) => row([name, ...results.map(({ times }) => times[name] ?? '–')])),
)}
${growth(results, names)}
${table('## The store', '', [
  row(['size, MiB', ...results.map(({ bytes }) => Math.round(bytes / 2 ** 20))]),
  row(['rolling up a year at once, s', ...results.map(({ rollUpMs }) => Math.round(rollUpMs / 1000))]),
  row(['roll-ups differ from rows by, %', ...results.map(({ differs }) => (differs * 100).toFixed(4))]),
  row(['seen on', ...results.map(({ date }) => date)]),
])}
Machine: ${[...new Set(results.map(({ machine }) => machine))].join('; ')}.

## What misses its bar

${failures.length > 0 ? failures.map((failure) => `- ${failure}`).join('\n') : 'Nothing of the above.'}

## What nobody has seen yet

${unseen.length > 0 ? unseen.map((each) => `- ${each} views`).join('\n') : 'Nothing.'}

<!-- ${JSON.stringify(results)} -->
`
}
