// `npm run bench:reports [-- sqlite|clickhouse [views …]]`: makes so many views of a year, rolls them up and asks every
// report; the figures go to docs/reports-speed.md. 10 million views want 20 GB in the temporary directory,
// or in `BENCH_DIR`, where they are kept and used again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from 'rollup'
import { bundle, output } from '../../collector/rollup.config.mjs'
import { writeReport } from './report.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const [kind, ...sizes] = process.argv.slice(2)
const kinds = kind ? [kind] : ['sqlite', 'clickhouse']
const views = sizes.length > 0 ? sizes.map(Number) : [1e6, 3e6, 1e7]

const builds = join(ROOT, 'collector/node_modules/.cache')
mkdirSync(builds, { recursive: true })
const directory = mkdtempSync(join(builds, 'bench-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1)) // so that nothing is left behind
const file = join(directory, 'reports.mjs')
const built = await rollup({ ...bundle, input: join(ROOT, 'bench/reports/main.ts') })
await built.write({ ...output, file })

const results = []
for (const kind of kinds) {
  for (const size of views) {
    const child = spawn(process.execPath, [file, kind, String(size)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, CHDB_DIR: join(builds, 'chdb-3.4.0') },
    })
    process.on('exit', () => child.kill())
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk))
    const [code] = await once(child, 'close')
    if (code === 0) results.push(JSON.parse(text))
    else console.log(`FAILED: ${kind} with ${size} views ended with ${code}`)
  }
}
const failures = writeReport(join(ROOT, 'docs/reports-speed.md'), results)
for (const failure of failures) console.log(`FAILED: ${failure}`)
process.exit(failures.length === 0 && results.length > 0 ? 0 : 1)
