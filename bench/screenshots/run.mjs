// `npm run screenshots`: every view of the dashboard as it looks with plausible traffic, in light, dark and on a phone.
// `--data-dir DIR` takes what `npm run traffic` has made before; `--out DIR`, `--format png` for looking at them elsewhere.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { ensureBrowsers } from '../../e2e/support/ensure-browser.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const { values: options } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    out: { type: 'string', default: join(ROOT, 'docs/screenshots') },
    format: { type: 'string', default: 'webp' },
  },
})

/** Enough for smooth curves, made in a minute or two. */
const VIEWS = '20000'

/** A page longer than this says nothing more as a picture. */
const MAX_HEIGHT = 1_500

const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 1200, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
}

const children = []
const temporary = mkdtempSync(join(tmpdir(), 'dwelltime-screenshots-'))
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(temporary, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const dataDir = options['data-dir'] ?? join(temporary, 'data')
if (!options['data-dir']) await traffic('--views', VIEWS)
await traffic('--seed', '2', '--days', '1', '--views', '4000', '--hours', '1') // so that somebody is there
const origin = await startCollector()
const { CHROMIUM_BIN } = await ensureBrowsers()
const browser = await chromium.launch({ executablePath: CHROMIUM_BIN, args: ['--no-sandbox'] })
mkdirSync(options.out, { recursive: true })
const places = await placesToSee()
for (const [look, settings] of Object.entries(LOOKS)) {
  const context = await browser.newContext({ ...settings, locale: 'en-GB', timezoneId: 'Europe/Berlin' })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  for (const [name, query] of Object.entries(places)) {
    await page.goto(`${origin}/?${new URLSearchParams({ timezone: 'Europe/Berlin', ...query })}`)
    await page.waitForSelector('main h1')
    await page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'))
    await page.mouse.move(0, 0)
    await take(session, page, `${name}-${look}`)
  }
  await context.close()
}
await browser.close()
console.log(`${options.out}: ${Object.keys(places).length} views, each ${Object.keys(LOOKS).join(', ')}`)
process.exit()

async function take(session, page, name) {
  const { width, height } = await page.evaluate(() => ({
    width: innerWidth,
    height: document.documentElement.scrollHeight,
  }))
  const { data } = await session.send('Page.captureScreenshot', {
    format: options.format,
    ...(options.format === 'webp' && { quality: 60 }),
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height: Math.min(height, MAX_HEIGHT), scale: 1 },
  })
  writeFileSync(join(options.out, `${name}.${options.format}`), Buffer.from(data, 'base64'))
}

/** Each view by what its picture is called, with what it is to be about. */
async function placesToSee() {
  const { sessions } = await (await fetch(`${origin}/api/reports/sessions?limit=200&site=academy`)).json()
  const kinds = ({ views }) => new Set(views.flatMap(({ spans }) => spans.map(([kind]) => kind))).size
  const [session] = sessions.sort((a, b) => kinds(b) - kinds(a) || b.views.length - a.views.length)
  return {
    overview: {},
    time: { view: 'time', site: 'magazine' },
    pages: { view: 'pages', site: 'magazine' },
    page: { view: 'page', site: 'magazine', page: '/articles/average-time' },
    sessions: { view: 'sessions' },
    session: { view: 'session', session: session.sessionId },
    users: { view: 'users', site: 'academy' },
    live: { view: 'live' },
    quality: { view: 'quality' },
  }
}

async function traffic(...args) {
  const run = join(ROOT, 'bench/traffic/run.mjs')
  const child = spawn(process.execPath, [run, '--data-dir', dataDir, ...args], { stdio: 'inherit' })
  children.push(child)
  const [code] = await once(child, 'close')
  if (code !== 0) process.exit(1)
}

async function startCollector() {
  const main = join(ROOT, 'collector/dist/main.js')
  const child = spawn(process.execPath, [main, '--port', '0', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [said] = await once(child.stdout.setEncoding('utf8'), 'data')
  return /listening on (\S+)/.exec(said)[1]
}
