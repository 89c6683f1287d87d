import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { ViewRecord } from 'dwelltime/protocol'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ReportedSession } from '../src/reports/sessions.ts'
import { temporaryDirectory } from './support/directory.ts'
import { bundleCollector, run, start } from './support/process.ts'
import { envelope, id, view } from './support/records.ts'

/** Real processes on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let main = ''
let remove = () => {}

beforeAll(async () => {
  const bundle = await bundleCollector()
  main = bundle.main
  remove = bundle.remove
})

afterAll(() => remove())

describe('started the wrong way, it says so in one line', () => {
  const refused = async (options: string[], env = {}) => {
    const { code, stdout, stderr } = await run(main, options, env).exited
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^dwelltime: .*\n$/)
    return stderr.trim()
  }

  test('a wrong value', async () => {
    expect(await refused([], { PORT: 'x' })).toBe('dwelltime: PORT: want an integer from 0 to 65535, not "x"')
    expect(await refused(['--nonsense'])).toBe("dwelltime: Unknown option '--nonsense' (see --help)")
  })

  test('a port that is taken', async () => {
    const { origin } = await start(main, temporaryDirectory())
    const { port } = new URL(origin)
    expect(await refused(['--port', port, '--data-dir', temporaryDirectory()])).toBe(
      `dwelltime: PORT: ${port} is taken on 127.0.0.1`,
    )
  })

  test('a host that is none', async () => {
    const options = ['--port', '0', '--host', '192.0.2.1', '--data-dir', temporaryDirectory()]
    expect(await refused(options)).toMatch(/^dwelltime: HOST: listen EADDRNOTAVAIL/)
  })

  test('a data directory that cannot be written', async () => {
    const file = join(temporaryDirectory(), 'file')
    writeFileSync(file, '')
    expect(await refused(['--port', '0', '--data-dir', join(file, 'data')])).toMatch(/^dwelltime: DATA_DIR: ENOTDIR/)
    expect(await refused(['--port', '0', '--data-dir', '/proc/dwelltime'])).toMatch(/^dwelltime: DATA_DIR: ENOENT/)
  })

  test('a data directory that is in use, until its process is gone, however it went', async () => {
    const dataDir = temporaryDirectory()
    const first = await start(main, dataDir)
    expect(await refused(['--port', '0', '--data-dir', dataDir])).toBe(
      `dwelltime: DATA_DIR: ${dataDir} is in use by another collector`,
    )
    first.child.kill('SIGKILL')
    await first.exited
    await start(main, dataDir)
  })

  test('a data directory with something else in it', async () => {
    const dataDir = temporaryDirectory()
    writeFileSync(
      join(dataDir, 'dwelltime.db'),
      'this is no database, but it is long enough to be looked at as one '.repeat(99),
    )
    expect(await refused(['--port', '0', '--data-dir', dataDir])).toMatch(/^dwelltime: DATA_DIR: .*not a database/)
  })
})

test('--help and --version', async () => {
  expect(await run(main, ['--help']).exited).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('--data-dir'),
    stderr: '',
  })
  expect(await run(main, ['--version']).exited).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
})

test('it says where everything is', async () => {
  const dataDir = temporaryDirectory()
  const { origin, output } = await start(main, dataDir)
  expect(output.stdout.split('\n')[0]).toBe(`dwelltime collector listening on ${origin}`)
  expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  for (const place of [`${origin}/dwelltime.js`, `${origin}/demo/`, `${origin}/metrics`, dataDir]) {
    expect(output.stdout).toContain(place)
  }
  expect(await (await fetch(`${origin}/healthz`)).json()).toEqual({ status: 'ok' })
})

/** Now, as the process has it: what it receives must be plausible by its own clock. */
const now = Date.now()

/** `count` records of ten views to a session. */
const records = (count: number): ViewRecord[] =>
  Array.from({ length: count }, (_, index) =>
    view({
      viewId: id(`a${index}`),
      sessionId: id(`5${Math.floor(index / 10)}`),
      sessionStartedAt: now - 60_000,
      startedAt: now - 60_000,
      lastActivityAt: now,
    }),
  )

/** Undefined if there was no answer. */
async function post(origin: string, record: ViewRecord): Promise<unknown> {
  const body = JSON.stringify(envelope([record], { sentAt: Date.now() }))
  try {
    const response = await fetch(`${origin}/v1/records`, { method: 'POST', body })
    return response.ok ? await response.json() : undefined
  } catch {
    return undefined
  }
}

async function storedViewIds(origin: string): Promise<string[]> {
  const response = await fetch(`${origin}/api/reports/sessions?limit=200`)
  const { sessions } = (await response.json()) as { sessions: ReportedSession[] }
  return sessions.flatMap((session) => session.views.map((stored) => stored.viewId))
}

/** How many posts are on their way at any moment: enough to share commits, too few to be all answered before the act. */
const SENDERS = 50

/** Posts everything; when `after` are acknowledged, acts. Answers the acknowledged ones. */
async function postAll(origin: string, all: ViewRecord[], { after, act }: { after: number; act: () => void }) {
  const acknowledged: string[] = []
  const waiting = [...all]
  async function sender() {
    for (let record = waiting.shift(); record; record = waiting.shift()) {
      if ((await post(origin, record)) === undefined) continue
      acknowledged.push(record.viewId)
      if (acknowledged.length === after) act()
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, sender))
  return acknowledged
}

describe('nothing that was acknowledged is lost', () => {
  test('by kill -9 among 1,000 posts, and nothing is there twice', async () => {
    const dataDir = temporaryDirectory()
    const all = records(1_000)
    const first = await start(main, dataDir)
    const acknowledged = await postAll(first.origin, all, { after: 300, act: () => first.child.kill('SIGKILL') })
    await first.exited
    expect(acknowledged.length).toBeGreaterThanOrEqual(300)
    expect(acknowledged.length).toBeLessThan(1_000)

    const second = await start(main, dataDir)
    const stored = await storedViewIds(second.origin)
    expect(new Set(stored).size).toBe(stored.length)
    expect(acknowledged.filter((viewId) => !stored.includes(viewId))).toEqual([])

    // The sender, who knows nothing of all this, sends everything again.
    const again = await postAll(second.origin, all, { after: 0, act: () => {} })
    expect(again).toHaveLength(1_000)
    const healed = await storedViewIds(second.origin)
    expect(healed.toSorted()).toEqual(all.map((record) => record.viewId).toSorted())
    const metrics = await (await fetch(`${second.origin}/metrics`)).text()
    expect(metrics).toContain('session_start_total{component_name="docs",shell_type="ScriptTag"} 100\n')
  })

  test('by SIGTERM among 500 posts, which ends it at once and in order', async () => {
    const dataDir = temporaryDirectory()
    const first = await start(main, dataDir)
    const acknowledged = await postAll(first.origin, records(500), {
      after: 50,
      act: () => first.child.kill('SIGTERM'),
    })
    expect(await first.exited).toMatchObject({ code: 0, stderr: '' })
    expect(acknowledged.length).toBeGreaterThanOrEqual(50)

    const stored = await storedViewIds((await start(main, dataDir)).origin)
    expect(acknowledged.filter((viewId) => !stored.includes(viewId))).toEqual([])
  })
})

test('after a report, for which a process of its own has read, it stops in order', async () => {
  const { child, exited, origin } = await start(main, temporaryDirectory())
  await postAll(origin, records(1), { after: 1, act: () => {} })
  expect(await storedViewIds(origin)).toHaveLength(1)
  child.kill('SIGTERM')
  expect(await exited).toMatchObject({ code: 0, stderr: '' })
})

test('a connection that is only kept alive does not keep it from stopping', async () => {
  const { child, exited, origin } = await start(main, temporaryDirectory())
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  const askedAt = Date.now()
  child.kill('SIGINT')
  expect(await exited).toMatchObject({ code: 0, stderr: '' })
  expect(Date.now() - askedAt).toBeLessThan(2_000) // it would be kept for 5 s
})

test('a request that never ends does not keep it from stopping for long', async () => {
  const { child, exited, origin } = await start(main, temporaryDirectory())
  const socket = connect(Number(new URL(origin).port), '127.0.0.1').on('error', () => {})
  socket.write('POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n{')
  await fetch(`${origin}/healthz`)
  const askedAt = Date.now()
  child.kill('SIGTERM')
  expect(await exited).toMatchObject({ code: 0 })
  expect(Date.now() - askedAt).toBeLessThan(5_000)
})

test('it ends sessions by itself', async () => {
  const { origin } = await start(main, temporaryDirectory(), ['--reap-grace', '0.2'])
  const quiet = { ...records(1)[0]!, sessionTimeoutMs: 0, heartbeatMs: 0, endReason: 'leave' as const }
  expect(await post(origin, quiet)).toEqual({ accepted: 1, problems: [] })
  await expect
    .poll(async () => (await fetch(`${origin}/metrics`)).text(), { timeout: 10_000 })
    .toContain('session_end_total{component_name="docs",status="success"} 1\n')
})
