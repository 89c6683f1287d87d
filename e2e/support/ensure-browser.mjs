// Makes sure that the real browsers are present, by the least invasive way that works, and says what it does: found on
// the machine, else downloaded by Playwright (Chromium only), else Debian's packages when we are root.
// On its own: `node e2e/support/ensure-browser.mjs`. Playwright runs it as its global setup.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'

const MINUTE = 60_000

const say = (line) => console.log(`browser: ${line}`)

/**
 * Per engine: the environment variable that names it and hands it over to the tests (empty when it was looked for in
 * vain), where else to look, and Debian's packages.
 */
const ENGINES = {
  chromium: {
    variable: 'CHROMIUM_BIN',
    places: () => [
      ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      chromium.executablePath(),
    ],
    looks: ['--version'],
    packages: ['chromium'],
    wanted: 'install Chromium or Chrome, or name one with CHROMIUM_BIN=/path/to/chromium',
  },
  firefox: {
    variable: 'FIREFOX_BIN',
    places: () => ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
    looks: ['--version'],
    packages: ['firefox-esr'],
    wanted: 'install Firefox, or name one with FIREFOX_BIN=/path/to/firefox',
  },
  webkit: {
    variable: 'WEBKIT_DRIVER',
    places: () => (webkitBrowser() && TOOLS.every(inPath) ? ['/usr/bin/WebKitWebDriver'] : []),
    looks: ['--help'], // its --version is no option, and the browser itself wants a screen
    packages: ['webkit2gtk-driver', 'xvfb', 'openbox', 'xdotool'],
    wanted: 'on Linux install WebKitWebDriver, Xvfb, openbox and xdotool, or name it with WEBKIT_DRIVER and WEBKIT_BIN',
  },
  // No browser, but as real, and found the same way. Its package has promtool, too.
  prometheus: {
    variable: 'PROMETHEUS_BIN',
    places: () => (inPath('promtool') ? ['/usr/bin/prometheus', '/usr/local/bin/prometheus'] : []),
    looks: ['--version'],
    packages: ['prometheus'],
    wanted: 'install Prometheus with promtool, or name it with PROMETHEUS_BIN=/path/to/prometheus',
  },
}

/** What WebKit's windows need: a screen, someone to minimise them, and a hand. */
const TOOLS = ['Xvfb', 'openbox', 'xdotool']

/** The browser that the driver starts: `webkit2gtk-4.1/MiniBrowser` somewhere below the libraries. */
export function webkitBrowser() {
  if (process.env.WEBKIT_BIN) return process.env.WEBKIT_BIN
  const below = existsSync('/usr/lib') ? readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`) : []
  const places = ['/usr/libexec', '/usr/lib', ...below].map((dir) => `${dir}/webkit2gtk-4.1/MiniBrowser`)
  return places.find((place) => existsSync(place))
}

const inPath = (name) => (process.env.PATH ?? '').split(delimiter).some((dir) => existsSync(join(dir, name)))

/** Whether an engine was handed over, or is likely to be found: the projects of the others are left out. */
export function isPresent(name) {
  const { variable, places } = ENGINES[name]
  const given = process.env[variable]
  return given === undefined ? places().some((place) => existsSync(place)) : given !== ''
}

/**
 * The environment variables that name a browser that starts, for each engine. Throws, saying what to install, when there
 * is no Chromium and none can be had; on CI when any is missing, since there nobody reads that scenarios were left out.
 */
export async function ensureBrowsers(names = Object.keys(ENGINES)) {
  const found = {}
  const look = async () => {
    for (const name of names) found[name] ??= await find(name)
    return names.filter((name) => !found[name])
  }
  let missing = await look()
  if (missing.includes('chromium')) {
    await download()
    missing = await look()
  }
  if (missing.length > 0 && (await installPackages(missing.flatMap((name) => ENGINES[name].packages)))) {
    missing = await look()
  }
  for (const name of missing) {
    const why = `no ${name}: ${ENGINES[name].wanted}`
    if (name === 'chromium' || process.env.CI) throw new Error(why)
    say(`${why}; its scenarios are left out`)
  }
  return Object.fromEntries(names.map((name) => [ENGINES[name].variable, found[name] ?? '']))
}

/** The first of an engine that starts. Throws when the one that was asked for does not. */
async function find(name) {
  const { variable, places, looks } = ENGINES[name]
  const asked = process.env[variable]
  const found = await firstThatStarts(asked ? [asked] : places(), looks)
  if (asked && !found) throw new Error(`${variable} is ${asked}, which does not start`)
  return found
}

async function download() {
  say('no chromium on this machine; trying `npx playwright install chromium`')
  const started = performance.now()
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli')
  // The full browser only: Playwright's headless shell cannot hide a page. A stalled connection is given up after 10 s.
  const result = await run(process.execPath, [cli, 'install', '--no-shell', 'chromium'], {
    timeout: 5 * MINUTE,
    env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' },
  })
  // Downloaded does not mean that it starts: on a bare Linux its shared libraries may be absent.
  say(result.ok ? `downloaded in ${since(started)}` : `no download (${since(started)}): ${reason(result.output)}`)
}

/** Whether it tried. */
async function installPackages(packages) {
  if (process.getuid?.() !== 0 || !(await run('apt-get', ['--version'], { timeout: MINUTE })).ok) return false
  say(`installing the Debian packages ${packages.join(' ')}`)
  const started = performance.now()
  const apt = (...args) =>
    run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3', ...args], {
      timeout: 10 * MINUTE,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
  // A failed update is no verdict: one broken source among good ones fails it, and old lists may do.
  await apt('update')
  const result = await apt('install', '--no-install-recommends', ...packages)
  say(result.ok ? `installed in ${since(started)}` : `not installed (${since(started)}): ${reason(result.output)}`)
  return true
}

/** Started and not only looked for: Ubuntu's /usr/bin/chromium-browser may be a note about a snap. */
async function firstThatStarts(places, looks) {
  for (const place of places) {
    // As root Firefox refuses a home that is somebody else's.
    const env = process.getuid?.() === 0 ? { HOME: '/root' } : {}
    const result = await run(place, looks, { timeout: MINUTE, env })
    if (!result.ok) continue
    say(looks[0] === '--version' ? `${result.output.trim().split('\n').at(-1).trim()} (${place})` : place)
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

/** Playwright's global setup; its workers inherit the environment. What was handed over is not looked for again. */
export default async function setup() {
  const names = Object.keys(ENGINES).filter((name) => process.env[ENGINES[name].variable] === undefined)
  Object.assign(process.env, await ensureBrowsers(names))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureBrowsers().catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
