import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** How a site takes the SDK in: a script tag, or bundled from npm. */
export type Form = 'script' | 'npm'

export interface Setup {
  /** `none`: the page without the SDK. */
  form?: Form | 'none'
  /** With sections, timers and web vitals: `dwelltime.full.js`, or what npm has apart. */
  isFull?: boolean
  /** Options of the SDK that can be written as JSON; undefined leaves out one that the fixture would set. */
  options?: Record<string, unknown>
  /** Markup in front of the SDK. */
  head?: string
  /** The server's thinking time before it answers with the page. */
  delayMs?: number
  /** The same before it answers with the SDK. */
  scriptDelayMs?: number
}

export interface Pages {
  origin: string
  /**
   * The address of a page. Any path will do; its setup is kept on this side, so that the address stays what it says.
   * A page that was never asked for, as one reached by a link, is set up like the last one that was.
   */
  url(path: string, setup?: Setup): string
  /** Uncaught errors and failed scripts of all pages so far. The fixture fails the test on any that it has not taken out. */
  errors: string[]
  stop(): void
}

/** Reports what nothing caught, also from a page that is going away. In front of everything else in the page. */
const WATCH_ERRORS = `<script>{
  const report = (what) => navigator.sendBeacon('/__error', location.pathname + ': ' + what)
  // In Chromium a stack begins with the error itself, elsewhere it does not.
  const tell = (error) => report(error + ' ' + (error?.stack ?? ''))
  addEventListener('error', (e) => (e.error ? tell(e.error) : report(e.message ?? 'cannot load ' + e.target.src)), true)
  addEventListener('unhandledrejection', (e) => tell(e.reason))
}</script>`

/** A small site on an origin of its own: a fresh port is a fresh origin, and so a fresh storage. */
export async function startPages(defaults: Setup = {}): Promise<Pages> {
  const template = await readFile(`${ROOT}e2e/pages/article.html`, 'utf8')
  const [before, after] = template.split('<!-- sdk -->')
  const setups = new Map<string, Setup>()
  const errors: string[] = []
  let last = defaults

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url!, 'http://localhost')
    await delay(Number(url.searchParams.get('delay')))
    const send = (type: string, body: string | Uint8Array = '') => {
      response.writeHead(200, { 'content-type': type }).end(body)
    }

    if (url.pathname === '/__error') {
      errors.push(await text(request))
      return send('text/plain')
    }
    // Loaded after all others, so that what they had to report has arrived.
    if (url.pathname === '/__last') return send('text/plain')
    const [, script] = /^\/(dwelltime(?:\.full)?\.js)$/.exec(url.pathname) ?? []
    if (script) return send('text/javascript', await readFile(`${ROOT}dist/${script}`))
    if (url.pathname in NPM) return send('text/javascript', await bundleNpm(url.pathname as keyof typeof NPM))

    const setup = setups.get(url.pathname) ?? last
    await delay(setup.delayMs)
    send('text/html', `${before}${WATCH_ERRORS}${setup.head ?? ''}${sdk(setup)}${after}`)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      errors.push(`${request.url}: ${error}`)
      response.writeHead(500).end()
    })
  })
  const origin = `http://127.0.0.1:${await listenWhereNobodyWas(server)}`

  return {
    origin,
    url(path, setup = {}) {
      last = { ...defaults, ...setup, options: { ...defaults.options, ...setup.options } }
      setups.set(new URL(path, origin).pathname, last)
      return origin + path
    },
    errors,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** On a port where pages were before, a browser that has seen them would go on with their session. */
const known = new Set<number>()

async function listenWhereNobodyWas(server: Server): Promise<number> {
  for (;;) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    if (!known.has(port)) {
      known.add(port)
      return port
    }
    await new Promise((resolve) => server.close(resolve))
  }
}

function sdk({ form, isFull, options = {}, scriptDelayMs = 0 }: Setup): string {
  const full = isFull ? '.full' : ''
  if (form === 'script') {
    return `<script async src="/dwelltime${full}.js?delay=${scriptDelayMs}"${Object.entries(options).map(attribute).join('')}></script>`
  }
  if (form === 'npm') {
    const json = JSON.stringify(options).replaceAll('<', '\\u003c')
    return `<script>window.dwelltimeOptions = { ...window.dwelltimeOptions, ...${json} }</script><script type="module" src="/npm${full}.js?delay=${scriptDelayMs}"></script>`
  }
  return ''
}

/** `bufferTimeBeforeEnd: 2` → ` data-buffer-time-before-end="2"` */
function attribute([name, value]: [string, unknown]): string {
  if (value === undefined) return ''
  const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return ` data-${dashed}="${String(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`
}

/** What a site writes that takes the SDK from npm. */
const NPM = {
  '/npm.js': `import { start } from './dist/index.js'
    Object.assign(window, { start, dwelltime: start(window.dwelltimeOptions) })`,
  '/npm.full.js': `import { start } from './dist/index.js'
    import { sections } from './dist/sections.js'
    import { vitals } from './dist/vitals.js'
    const dwell = start(window.dwelltimeOptions)
    vitals(dwell)
    Object.assign(window, { start, dwelltime: { ...dwell, ...sections(dwell) } })`,
}

const npmBundles = new Map<keyof typeof NPM, Promise<Uint8Array>>()

/** What a site's own bundler makes of the published ESM build. Once per process. */
function bundleNpm(name: keyof typeof NPM): Promise<Uint8Array> {
  const made =
    npmBundles.get(name) ??
    build({
      stdin: { contents: NPM[name], resolveDir: ROOT },
      bundle: true,
      format: 'esm',
      write: false,
      logLevel: 'silent',
    }).then((result) => result.outputFiles[0]!.contents)
  npmBundles.set(name, made)
  return made
}

export async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
