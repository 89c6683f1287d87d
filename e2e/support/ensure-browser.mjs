// Makes sure that one real browser is present, by the least invasive way that works, and says what it does:
// found on the machine, else downloaded by Playwright, else Debian's package when we are root.
// On its own: `node e2e/support/ensure-browser.mjs`. Playwright runs it as its global setup.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'

const MINUTE = 60_000
const KNOWN_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

const say = (line) => console.log(`browser: ${line}`)

/** The path of a Chromium that starts. Throws, saying what to install, when there is none and none can be had. */
export async function ensureBrowser() {
  const asked = process.env.CHROMIUM_BIN
  if (asked) {
    const found = await firstThatStarts([asked])
    if (!found) throw new Error(`CHROMIUM_BIN is ${asked}, which does not start`)
    return found
  }
  const found = await firstThatStarts([...KNOWN_PLACES, chromium.executablePath()])
  return found ?? (await download()) ?? (await installPackage()) ?? fail()
}

async function download() {
  say('none on this machine; trying `npx playwright install chromium`')
  const started = performance.now()
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli')
  // The full browser only: Playwright's headless shell cannot hide a page. A stalled connection is given up after 10 s.
  const result = await run(process.execPath, [cli, 'install', '--no-shell', 'chromium'], {
    timeout: 5 * MINUTE,
    env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' },
  })
  say(result.ok ? `downloaded in ${since(started)}` : `no download (${since(started)}): ${reason(result.output)}`)
  // Downloaded does not mean that it starts: on a bare Linux its shared libraries may be absent.
  return result.ok ? await firstThatStarts([chromium.executablePath()]) : undefined
}

async function installPackage() {
  if (process.getuid?.() !== 0 || !(await run('apt-get', ['--version'], { timeout: MINUTE })).ok) return undefined
  say('installing the Debian package chromium')
  const started = performance.now()
  const apt = (...args) =>
    run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3', ...args], {
      timeout: 10 * MINUTE,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
  // A failed update is no verdict: one broken source among good ones fails it, and old lists may do.
  await apt('update')
  const result = await apt('install', '--no-install-recommends', 'chromium')
  say(result.ok ? `installed in ${since(started)}` : `no package (${since(started)}): ${reason(result.output)}`)
  return await firstThatStarts(KNOWN_PLACES)
}

function fail() {
  throw new Error('no browser: install Chromium or Chrome, or name one with CHROMIUM_BIN=/path/to/chromium')
}

/** Asked for its version and not only looked for: Ubuntu's /usr/bin/chromium-browser may be a note about a snap. */
async function firstThatStarts(places) {
  for (const place of places) {
    const result = await run(place, ['--version'], { timeout: MINUTE })
    if (!result.ok) continue
    say(`${result.output.trim().split('\n').at(-1).trim()} (${place})`)
    return place
  }
  return undefined
}

/** Runs to the end or to the timeout, in a process group of its own, so that nothing of it stays behind. */
function run(command, args, { timeout, env }) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const timer = setTimeout(() => {
      output += `\ngiven up after ${timeout / 1000} s`
      process.kill(-child.pid, 'SIGKILL')
    }, timeout)
    const end = (ok) => {
      clearTimeout(timer)
      done({ ok, output })
    }
    child.on('error', () => end(false))
    child.on('close', (code) => end(code === 0))
  })
}

/** The line of a failed command's output that names the cause. */
const reason = (output) => {
  const lines = output.split('\n').map((line) => line.trim())
  return lines.find((line) => /^(E|Error):|given up/.test(line)) ?? lines.findLast(Boolean) ?? 'no output'
}

const since = (started) => `${((performance.now() - started) / 1000).toFixed(1)} s`

/** Playwright's global setup; its workers inherit the environment. */
export default async function setup() {
  process.env.CHROMIUM_BIN ??= await ensureBrowser()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureBrowser().catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
