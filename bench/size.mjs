// The second half of `npm run size`: what each built entry weighs, what each module weighs in the script tag's build,
// what the core weighs by itself, and whether the README states the size that was measured. All sizes are bytes after brotli.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { transform } from 'esbuild'
import { rollup } from 'rollup'
import { loadConfigFile } from 'rollup/loadConfigFile'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SCRIPT_TAG = 'dist/dwelltime.js'
/** Clocks, sessions, queue and delivery, without the page, the options and the wiring. */
const CORE = ['src/core', 'src/queue', 'src/transport']
/** How far the README may be from the truth, in kB: it states one decimal. */
const TOLERANCE_KB = 0.1

const brotli = (content) => brotliCompressSync(content).length

const entries = readdirSync(join(ROOT, 'dist'))
  .filter((name) => name.endsWith('.js'))
  .map((name) => [`dist/${name}`, brotli(readFileSync(join(ROOT, 'dist', name)))])
table('built entry', entries)

const modules = await measureModules()
const whole = entries.find(([name]) => name === SCRIPT_TAG)[1]
table(`module of ${SCRIPT_TAG}`, [...modules, ['sum', modules.reduce((sum, [, bytes]) => sum + bytes, 0)]])
console.log(`Each module by itself; together they share names and words, so the whole is ${whole} and not the sum.`)

table('core', [[CORE.join(' + '), await measureCore()]])

compareReadme()

/** Every module of the script tag's build as rollup left it after tree shaking, minified by itself; the largest first. */
async function measureModules() {
  const { config, output: settings } = await readScriptTagConfig()
  const bundle = await rollup(config)
  const { output } = await bundle.generate(settings)
  await bundle.close()

  const sizes = []
  for (const [id, { code }] of Object.entries(output[0].modules)) {
    if (!code) continue // only types, or nothing left of it
    const minified = await transform(code, { format: 'esm', minify: true, treeShaking: false })
    sizes.push([relative(ROOT, id), brotli(minified.code)])
  }
  return sizes.sort(([, a], [, b]) => b - a)
}

/** All that the core's files export, bundled and minified as the script tag is. */
async function measureCore() {
  const { config, output: settings } = await readScriptTagConfig()
  const files = CORE.flatMap((dir) => readdirSync(join(ROOT, dir)).map((name) => join(ROOT, dir, name)))
  const entry = {
    name: 'core',
    resolveId: (id) => (id === 'core' ? id : null),
    load: (id) => (id === 'core' ? files.map((file) => `export * from ${JSON.stringify(file)}`).join('\n') : null),
  }
  const bundle = await rollup({ ...config, input: 'core', plugins: [entry, config.plugins] })
  const { output } = await bundle.generate({ ...settings, format: 'es' })
  await bundle.close()
  return brotli(output[0].code)
}

async function readScriptTagConfig() {
  const { options } = await loadConfigFile(join(ROOT, 'rollup.config.mjs'), { silent: true })
  const isScriptTag = (output) => output.file && relative(ROOT, output.file) === SCRIPT_TAG
  const config = options.find(({ output }) => output.some(isScriptTag))
  return { config, output: config.output.find(isScriptTag) }
}

function table(title, rows) {
  const width = Math.max(title.length, ...rows.map(([name]) => name.length))
  console.log(`\n${title.padEnd(width)}  brotli`)
  for (const [name, bytes] of rows) console.log(`${name.padEnd(width)}  ${String(bytes).padStart(6)}`)
}

function compareReadme() {
  const measured = whole / 1000
  const stated = readReadme().match(/(\d+(?:\.\d+)?) kB[^.]*brotli|brotli[^.]*?(\d+(?:\.\d+)?) kB/i)
  if (!stated) {
    console.log(`\nREADME: states no size yet (a number like "${measured.toFixed(1)} kB" in a sentence with "brotli")`)
    return
  }
  const kb = Number(stated[1] ?? stated[2])
  const right = Math.abs(kb - measured) <= TOLERANCE_KB
  console.log(`\nREADME: says ${kb} kB, measured ${measured.toFixed(2)} kB${right ? '' : `: correct the README`}`)
  if (!right) process.exitCode = 1
}

function readReadme() {
  try {
    return readFileSync(join(ROOT, 'README.md'), 'utf8')
  } catch {
    return '' // not written yet
  }
}
