// `npm run package-check`: what a stranger gets from `npm i dwelltime`. Packs, installs in an empty folder, uses every entry.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => join(ROOT, 'node_modules/.bin', name)
const { exports: entries } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

/** Everything that may come along; a third package needs an ADR. */
const ALLOWED_PACKAGES = ['dwelltime', 'idb-keyval', 'web-vitals']
const REACT = ['react', '@types/react']
const ALLOWED_FILES = /^(dist\/.+|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/

/** `dwelltime`, `dwelltime/protocol`, …: the entries made for `import` and `require`; the others are plain files. */
const modules = Object.keys(entries)
  .filter((entry) => entries[entry].import)
  .map((entry) => entry.replace('.', 'dwelltime'))

const work = mkdtempSync(join(tmpdir(), 'dwelltime-package-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const stranger = join(work, 'stranger')
mkdirSync(stranger)

const inNode = (file, code) => {
  writeFileSync(join(stranger, file), code)
  run(process.execPath, [file], stranger)
}

run(bin('rollup'), ['-c', '--silent'])
const [pack] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', work]))
const tarball = join(work, pack.filename)
writeFileSync(join(stranger, 'package.json'), '{ "name": "stranger", "private": true }')
run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball], stranger)

check(`the tarball has only the build and the documents (${pack.files.length} files, ${pack.size} bytes)`, () => {
  const others = pack.files.map((file) => file.path).filter((path) => !ALLOWED_FILES.test(path))
  if (others.length > 0) throw new Error(`also packed: ${others.join(', ')}`)
})

check(`no other package came along than ${ALLOWED_PACKAGES.join(', ')}`, () => {
  const others = readdirSync(join(stranger, 'node_modules')).filter(
    (name) => !name.startsWith('.') && !ALLOWED_PACKAGES.includes(name),
  )
  if (others.length > 0) throw new Error(`also installed: ${others.join(', ')}`)
})

// Whoever takes `dwelltime/react` has React; nobody else gets it.
run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...REACT], stranger)

// Where a page would be, there is something that does not bear to be touched.
const TRIPWIRE = `
const touched = (_, name) => { throw new Error('importing touched the page: ' + String(name)) }
const page = new Proxy(function () {}, { get: touched, set: touched, has: touched, apply: touched, construct: touched })
for (const name of ['window', 'document', 'navigator', 'location', 'history', 'indexedDB']) {
  Object.defineProperty(globalThis, name, { value: page, configurable: true })
}
const before = Object.getOwnPropertyNames(globalThis)
const unchanged = () => {
  const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name))
  if (added.length > 0) throw new Error('importing added globals: ' + added)
}
`
for (const name of modules) {
  const proof = `if (Object.keys(entry).length === 0) throw new Error('nothing exported')\nunchanged()\n`
  check(`import ${name}: loads in Node, does nothing`, () =>
    inNode('import.mjs', `${TRIPWIRE}const entry = await import('${name}')\n${proof}`),
  )
  check(`require ${name}: loads in Node, does nothing`, () =>
    inNode('require.cjs', `${TRIPWIRE}const entry = require('${name}')\n${proof}`),
  )
}

const uses = modules.map(
  (name, i) => `import * as entry${i} from '${name}'\nexport const used${i}: object = entry${i}\n`,
)
for (const file of ['types.mts', 'types.cts']) writeFileSync(join(stranger, file), uses.join(''))
for (const [resolution, module] of [
  ['nodenext', 'nodenext'],
  ['bundler', 'esnext'],
]) {
  check(`types resolve and hold: moduleResolution ${resolution}`, () => {
    const options = ['--module', module, '--moduleResolution', resolution, '--lib', 'es2022,dom', '--target', 'es2022']
    const files = resolution === 'bundler' ? ['types.mts'] : ['types.mts', 'types.cts'] // a bundler reads no .cts
    run(bin('tsc'), ['--noEmit', '--strict', ...options, ...files], stranger)
  })
}

// What the documents show is code that a stranger copies: each TypeScript sample has to compile against the package.
const documents = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
const samples = documents
  .filter((path) => path.endsWith('.md'))
  .flatMap((path) => [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^```(tsx?)\n(.*?)^```/gms)])
check(`the documents' ${samples.length} TypeScript samples compile`, () => {
  if (samples.length === 0) throw new Error('no sample was found')
  const files = samples.map(([, language, code], i) => {
    const file = `sample-${i}.${language === 'tsx' ? 'tsx' : 'mts'}`
    writeFileSync(join(stranger, file), code)
    return file
  })
  const options = ['--module', 'nodenext', '--lib', 'es2022,dom', '--target', 'es2022']
  run(bin('tsc'), ['--noEmit', '--strict', '--jsx', 'react-jsx', ...options, ...files], stranger)
})

check('publint --strict', () => run(bin('publint'), ['run', tarball, '--strict']))

check('are the types wrong?', () => {
  // What is for a script tag is loaded, never imported, and has no types.
  const scripts = ['dwelltime.js', 'dwelltime.full.js']
  run(bin('attw'), [tarball, '--no-definitely-typed', '--exclude-entrypoints', ...scripts])
})

function check(name, prove) {
  try {
    prove()
    console.log(`ok    ${name}`)
  } catch (error) {
    process.exitCode = 1
    console.log(`FAIL  ${name}\n${error.message.replaceAll(/^/gm, '      ')}`)
  }
}

/** What the command prints on stdout; throws everything that it printed if it fails. */
function run(command, args, cwd = ROOT) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${stdout}${stderr}`.trim())
  return stdout
}
