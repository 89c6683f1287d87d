// `npm run traffic -- --data-dir DIR [--days 90] [--seed 1] [--views 60000] [--end 2026-06-30T12:00:00Z]`: fills the data
// directory of a collector with plausible traffic; then `npm start -- --data-dir DIR`. Without `--end` it ends now.
// `--hours 1`: only what arrives in the last hour, with another seed a rush on top of what is there.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from 'rollup'
import { bundle, output } from '../../collector/rollup.config.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
// Beside the collector's dependencies.
const builds = join(ROOT, 'collector/node_modules/.cache')
mkdirSync(builds, { recursive: true })
const directory = mkdtempSync(join(builds, 'traffic-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
const file = join(directory, 'main.mjs')
const built = await rollup({ ...bundle, input: join(ROOT, 'bench/traffic/main.ts') })
await built.write({ ...output, file })
const child = spawn(process.execPath, [file, ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('close', (code) => process.exit(code ?? 1))
