import { serveStatic } from '@hono/node-server/serve-static'
import type { Hono } from 'hono'
import { etag, RETAINED_304_HEADERS } from 'hono/etag'
import type { AppEnv } from './app.ts'

/** The script's name carries no version: a fix arrives within minutes, a page view rarely waits for it. */
const SCRIPT_HEADERS = {
  'Cache-Control': 'public, max-age=300, stale-while-revalidate=86400',
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}

/** Only its own files, no inline script or style, and no text that could become a script. */
const PAGE_HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer', // its URL says what is looked at
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
}

/** Names that change with the content. */
const HASHED = /-[\w-]{8}\.(js|css)$/

function cacheFor(path: string): string {
  if (HASHED.test(path)) return 'public, max-age=31536000, immutable'
  return path.endsWith('.svg') ? 'public, max-age=86400' : 'no-cache'
}

/** Serves SDK, demo and dashboard from a directory that has `dwelltime.js`, `dwelltime.full.js`, `demo/`, `dashboard/`. */
export function serveStaticFiles(app: Hono<AppEnv>, publicDir: string): void {
  const files = serveStatic<AppEnv>({ root: publicDir })
  const revalidate = etag({ retainedHeaders: [...RETAINED_304_HEADERS, ...Object.keys(SCRIPT_HEADERS)] })

  const revalidatePage = etag({ retainedHeaders: [...RETAINED_304_HEADERS, ...Object.keys(PAGE_HEADERS)] })

  for (const script of ['/dwelltime.js', '/dwelltime.full.js']) {
    app.get(script, revalidate, async (c, next) => {
      for (const [name, value] of Object.entries(SCRIPT_HEADERS)) c.header(name, value)
      return files(c, next)
    })
  }
  app.get('/demo', (c) => c.redirect('/demo/'))
  app.get('/demo/*', revalidate, async (c, next) => {
    c.header('Cache-Control', 'no-cache')
    return files(c, next)
  })

  // The page holds no figures: it asks for them like everybody else, so anyone may have it.
  const dashboard = (rewriteRequestPath: (path: string) => string) =>
    serveStatic<AppEnv>({ root: publicDir, precompressed: true, rewriteRequestPath })
  const page = dashboard(() => '/dashboard/index.html')
  app.get('/', revalidatePage, async (c, next) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) c.header(name, value)
    return page(c, next)
  })
  const parts = dashboard((path) => path)
  app.get('/dashboard/:file', async (c, next) => {
    c.header('Cache-Control', cacheFor(c.req.path))
    return parts(c, next)
  })
}
