import { AsyncLocalStorage } from 'node:async_hooks'
import { createApp } from '../../collector/src/app.ts'
import { createHousekeeping } from '../../collector/src/history/housekeeping.ts'
import { DEFAULT_RULES } from '../../collector/src/metrics/counts.ts'
import { createReaper } from '../../collector/src/sessions/keeper.ts'
import type { Store } from '../../collector/src/store/store.ts'
import type { Post } from './visit.ts'

/** As `main.ts` of the collector has it by default. */
const GRACE_MS = 300_000

const HOUR_MS = 60 * 60_000

/** How often the past is kept. The live one does it all the time; what is kept in the end is the same. */
const KEEP_EVERY_MS = 6 * HOUR_MS

/** Posts that share a commit. */
const AT_ONCE = 400

const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } } as never

export interface Filled {
  posts: number
  accepted: number
  refused: number
}

/**
 * Hands the posts to the collector's own routes, each at its own instant: the collector's clock is that of the post, so
 * that it judges it as it would have done then. Ends, counts and roll-ups are the collector's own work, too.
 */
export async function fill(store: Store, posts: Iterable<Post>, end: number): Promise<Filled> {
  /** Each post has a clock of its own; the keeper has the newest. */
  const clock = new AsyncLocalStorage<number>()
  let newest = 0
  const silent = { info() {}, warn() {}, error: console.error }
  const { app, flush, seen } = createApp({
    store,
    now: () => new Date(clock.getStore() ?? newest),
    log: silent,
    config: {
      ...{ sites: new Map(), rateLimit: 0, trustedHops: 0, tokens: { read: [] }, isKeeper: true },
      metrics: { isEnabled: true, path: '/metrics', port: undefined, rules: DEFAULT_RULES },
      live: { stats: new Map(), maxClients: 1 },
      alerts: { rules: [], secret: '', isPrivateAllowed: false },
    },
  })
  const filled: Filled = { posts: 0, accepted: 0, refused: 0 }

  async function send({ at, userAgent, body }: Post): Promise<void> {
    const headers = { 'content-type': 'text/plain', 'user-agent': userAgent }
    const request = () => app.request('/v1/records', { method: 'POST', headers, body }, here)
    const response = await clock.run(at, request)
    const answer = (await response.json()) as { accepted?: number; problems?: unknown[] }
    filled.accepted += answer.accepted ?? 0
    filled.refused += answer.problems?.length ?? 1
  }
  const keepHouse = createHousekeeping({ store, retentionDays: 0 })
  const listeningSince = new Date(0)
  const reap = createReaper({ store, graceMs: GRACE_MS, listeningSince, keeper: seen.keeper, settled: seen.settled })

  let together: Post[] = []
  let keptAt = 0
  async function sendTogether(): Promise<void> {
    await Promise.all(together.map(send))
    filled.posts += together.length
    newest = together.at(-1)?.at ?? newest
    together = []
  }
  for (const post of posts) {
    if (keptAt === 0) keptAt = post.at
    if (post.at - keptAt > KEEP_EVERY_MS) {
      await sendTogether()
      keptAt = post.at
      await reap(new Date(newest))
    }
    together.push(post)
    if (together.length === AT_ONCE) await sendTogether()
  }
  await sendTogether()
  newest = end
  await flush()
  await reap(new Date(end))
  await keepHouse(new Date(end))
  seen.stop()
  return filled
}
