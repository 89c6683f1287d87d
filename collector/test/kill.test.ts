import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDirectory } from './support/directory.ts'
import { bundleCollector, start } from './support/process.ts'
import { envelope, id, view } from './support/records.ts'

/** At how many points the process is killed: few in CI, `npm run test:kill` does 1,000. */
const POINTS = Number(process.env.KILL_POINTS ?? 25)

/** How many posts are on their way at any moment. */
const SENDERS = 16

/** The latest that a kill comes after the first answer, in ms: some hundred commits. */
const LATEST_KILL_MS = 400

let bundle: Awaited<ReturnType<typeof bundleCollector>>
beforeAll(async () => {
  bundle = await bundleCollector()
}, 60_000)
afterAll(() => bundle.remove())

let views = 0

/** A post of one to three records, of sessions of ten views each. */
function nextPost(now: number) {
  const records = Array.from({ length: 1 + (views % 3) }, () => {
    views += 1
    const times = { sessionStartedAt: now - 60_000, startedAt: now - 60_000, lastActivityAt: now }
    return view({ viewId: id(views.toString(16)), sessionId: id(Math.floor(views / 10).toString(16)), ...times })
  })
  return { viewIds: records.map((record) => record.viewId), body: JSON.stringify(envelope(records, { sentAt: now })) }
}

/** Posts until the process is gone; what was acknowledged goes into the ledger. */
async function send(origin: string, ledger: Set<string>, onAnswer: () => void): Promise<void> {
  for (;;) {
    const { viewIds, body } = nextPost(Date.now())
    try {
      const response = await fetch(`${origin}/v1/records`, { method: 'POST', body })
      const { accepted } = (await response.json()) as { accepted?: number }
      if (!response.ok || accepted !== viewIds.length) throw new Error(`${response.status} accepted ${accepted}`)
    } catch (error) {
      if (error instanceof TypeError) return // the connection is gone, as it should be
      throw error
    }
    for (const viewId of viewIds) ledger.add(viewId)
    onAnswer()
  }
}

test(`killed at ${POINTS} points under load, it has everything that it acknowledged, once`, async () => {
  const dataDir = temporaryDirectory()
  const acknowledged = new Set<string>()
  const options = ['--rate-limit', '0']

  for (let point = 0; point < POINTS; point++) {
    const { child, exited, origin } = await start(bundle.main, dataDir, options)
    let _timer: ReturnType<typeof setTimeout> | undefined
    const onAnswer = () => {
      _timer ??= setTimeout(() => child.kill('SIGKILL'), Math.random() * LATEST_KILL_MS)
    }
    await Promise.all(Array.from({ length: SENDERS }, () => send(origin, acknowledged, onAnswer)))
    expect(await exited).toMatchObject({ code: null })
  }

  const { origin } = await start(bundle.main, dataDir, options)
  const metrics = await (await fetch(`${origin}/metrics`)).text()
  const db = new Database(join(dataDir, 'dwelltime.db'))
  const stored = (db.prepare('SELECT view_id FROM views').pluck().all() as unknown as string[]).map(String)
  const [{ sessions }] = db.prepare('SELECT count(DISTINCT session_id) AS sessions FROM views').all() as [
    { sessions: number },
  ]
  db.close()

  const present = new Set(stored)
  console.log(`${POINTS} kills, ${acknowledged.size} records acknowledged, ${stored.length} stored`)
  expect(acknowledged.size).toBeGreaterThan(POINTS)
  expect([...acknowledged].filter((viewId) => !present.has(viewId))).toEqual([])
  expect(present.size).toBe(stored.length)
  expect(metrics).toContain(`session_start_total{component_name="docs",shell_type="ScriptTag"} ${sessions}\n`)
}, 3_600_000)
