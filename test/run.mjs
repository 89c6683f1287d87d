// `npm test`: builds, makes sure of the browsers, runs the unit tests and the browser scenarios, adds them up.
// The last line is `N passed, N failed`, whatever happened before it.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBrowsers } from '../e2e/support/ensure-browser.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => join(ROOT, 'node_modules/.bin', name)
const reports = mkdtempSync(join(tmpdir(), 'dwelltime-test-'))
process.on('exit', () => rmSync(reports, { recursive: true, force: true }))

const sum = { passed: 0, failed: 0, skipped: 0 }

try {
  await build()
  Object.assign(process.env, await ensureBrowsers())
  add('unit tests', await runUnitTests())
  add('browser scenarios', await runScenarios())
} catch (error) {
  console.error(`\n${error.message}`)
  sum.failed += 1
}

process.exitCode = sum.failed === 0 ? 0 : 1
console.log(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`)

async function build() {
  const code = await run('npm', ['run', 'build', '--silent'])
  if (code !== 0) throw new Error(`the build failed with ${code}`)
}

async function runUnitTests() {
  const file = join(reports, 'unit.json')
  const code = await run(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`])
  const report = parse(file)
  return {
    code,
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  }
}

async function runScenarios() {
  const file = join(reports, 'e2e.json')
  const code = await run(bin('playwright'), ['test', '-c', 'e2e/playwright.config.ts'], { E2E_REPORT: file })
  const { expected, unexpected, flaky, skipped } = parse(file)?.stats ?? {}
  return { code, passed: expected ?? 0, failed: (unexpected ?? 0) + (flaky ?? 0), skipped: skipped ?? 0 }
}

/** A runner that ended badly without naming a failed test (crash, broken file, no tests) counts as one failure. */
function add(name, { code, passed, failed, skipped }) {
  const crashed = failed === 0 && (code !== 0 || passed === 0)
  if (crashed) console.error(`\n${name}: ended with ${code} after ${passed} passed tests`)
  sum.passed += passed
  sum.failed += crashed ? 1 : failed
  sum.skipped += skipped
}

/** Undefined if the runner did not live to write it. */
function parse(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Streams what the command prints, in order with our own lines, and returns its exit code. */
function run(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    })
    child.on('error', (error) => {
      console.error(error.message)
      resolve(127)
    })
    child.on('close', (code, signal) => resolve(code ?? signal))
  })
}
