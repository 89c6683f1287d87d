import { type Collector, startCollector } from '../support/collector.ts'
import { arrived } from '../support/engine.ts'
import { expect, poll, read } from '../support/fixtures.ts'
import { test } from '../support/gate.ts'
import { makeTempDir, removeDir } from '../support/process.ts'

test.skip(({ form }) => form !== 'script', 'what is posted is the same in either form')

/** What may become of posts on their way, or be done to them on purpose. */
const REPLAYS: { [how: string]: (posts: string[]) => string[] } = {
  once: (posts) => posts,
  twice: (posts) => [...posts, ...posts],
  'five times': (posts) => Array.from({ length: 5 }, () => posts).flat(),
  backwards: (posts) => [...posts].reverse(),
  shuffled,
  'cut short before each whole one': (posts) => posts.flatMap((post) => [post.slice(0, post.length / 2), post]),
  'interleaved: each record by itself, from both ends in turn': (posts) => fromBothEnds(posts.flatMap(single)),
  'twice, shuffled, each record by itself': (posts) => shuffled([...posts, ...posts].flatMap(single)),
}

/** For a session to be over in all of these collectors at once, on a busy machine. */
const MOST_MS = 40_000

const CLOCKS = { thresholds: '0.2,0.6', heartbeatInterval: 1, sessionExpirationThreshold: 0.05, bufferTimeBeforeEnd: 1 }

test.setTimeout(120_000)

test('whatever becomes of the posts on their way, the reports are the same', async ({
  collector,
  gate,
  open,
  pages,
}) => {
  const options = { collector: gate.recordsUrl, site: 'replay', ...CLOCKS }
  const first = await open(pages.url('/first?utm_source=letter&utm_campaign=spring', { options }))
  await read(500)
  gate.state = 'failing'
  await first.hide()
  await first.show()
  gate.state = 'open'
  await read(1_200) // what was refused goes along with the next send
  await first.input('key')
  await first.eval(() => history.pushState(null, '', '/route'))
  await read(300)
  await first.click('#next')
  await arrived(first, '/next')
  await read(300)
  const stranger = await open(pages.url('/alone', { options }).replace('127.0.0.1', 'localhost')) // another storage
  await read(400)
  await stranger.close()
  await first.close()
  const original = await answers(collector, 2)

  const posts = gate.posted.map((post) => JSON.stringify(post))
  await Promise.all(
    Object.entries(REPLAYS).map(async ([how, replay]) => {
      expect(await afterReplay(replay(posts)), how).toEqual(original)
    }),
  )
})

/** What a collector answers that knows nothing but these posts. */
async function afterReplay(posts: string[]): Promise<unknown> {
  const dir = await makeTempDir('replay')
  const collector = await startCollector(dir)
  for (const body of posts) await fetch(collector.recordsUrl, { method: 'POST', body })
  const answered = await answers(collector, 2)
  await collector.stop()
  await removeDir(dir)
  return answered
}

/** All that can be asked, once that many sessions are over; without what is about the deliveries themselves. */
async function answers({ url, metrics }: Collector, count: number): Promise<unknown> {
  const ask = async (path: string) => (await fetch(url + path)).json()
  const sessions = await poll(
    async () => {
      const { sessions } = await ask('/api/reports/sessions')
      return sessions.length === count && sessions.every((one: { status: string }) => one.status !== 'open') && sessions
    },
    `the end of ${count} sessions`,
    MOST_MS,
  )
  for (const { views } of sessions)
    for (const view of views) for (const about of ['receivedAt', 'skewMs']) delete view[about]

  const { paths } = await ask('/openapi.json')
  const reports = Object.keys(paths).filter((path) => path.startsWith('/api/reports/') && !path.endsWith('/sessions'))
  const queries = reports.flatMap((path) =>
    path.endsWith('/timeline')
      ? sessions.map((one: { sessionId: string }) => `${path}?session=${one.sessionId}`)
      : path,
  )
  const rows = await Promise.all(queries.map(async (query) => [query, (await ask(query)).rows]))
  for (const [, list] of rows) expect(list).toBeInstanceOf(Array)
  const isOfDeliveries = (fact: string) => /^records_|_captured_/.test(fact)
  const facts = rows.map(([query, list]) => {
    if (query.endsWith('/data-quality')) {
      return [query, list.filter((row: { fact: string }) => !isOfDeliveries(row.fact))]
    }
    if (query.endsWith('/now')) return [query, list.map(withoutEmptyMinutes)]
    return [query, list]
  })
  const counters = (await metrics()).split('\n').filter((line) => /^(session|active)_/.test(line))
  return { sessions, facts, counters }
}

/** Which minutes of the last 30 have views moves on while collectors are asked one after another. */
const withoutEmptyMinutes = (row: { perMinute: number[] }) => ({
  ...row,
  perMinute: row.perMinute.filter((views) => views > 0),
})

/** A post for each of its records. */
function single(post: string): string[] {
  const envelope = JSON.parse(post)
  return envelope.records.map((record: unknown) => JSON.stringify({ ...envelope, records: [record] }))
}

const fromBothEnds = (posts: string[]) =>
  posts.map((_, i) => (i % 2 === 0 ? posts[i / 2]! : posts[posts.length - (i + 1) / 2]!))

/** The same order each time: a failure can be had again. */
function shuffled(posts: string[]): string[] {
  let seed = 1
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  return posts
    .map((post) => ({ post, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ post }) => post)
}
