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

/** Serves the SDK and the demo from a directory that has `dwelltime.js`, `dwelltime.full.js` and `demo/`. */
export function serveStaticFiles(app: Hono<AppEnv>, publicDir: string): void {
  const files = serveStatic<AppEnv>({ root: publicDir })
  const revalidate = etag({ retainedHeaders: [...RETAINED_304_HEADERS, ...Object.keys(SCRIPT_HEADERS)] })

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
}
