import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createCollector } from './support/collector.ts'
import { temporaryDirectory } from './support/directory.ts'
import { makeReadOnly, mountTmpfs } from './support/mount.ts'
import { bundleCollector, run, start } from './support/process.ts'
import { envelope, id, START, view } from './support/records.ts'

/** Real processes and real faults on a machine that may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const NO_MOUNT = 'a file system of a certain size or without writing: this user may not mount one'

const MIB = 1024 * 1024

let bundle: Awaited<ReturnType<typeof bundleCollector>>
beforeAll(async () => {
  bundle = await bundleCollector()
})
afterAll(() => bundle.remove())

let views = 0

/** Posts records until an answer is not 200 or `count` were acknowledged; their ids, and the last status. */
async function post(origin: string, count: number): Promise<{ acknowledged: string[]; status: number }> {
  const acknowledged: string[] = []
  while (acknowledged.length < count) {
    const now = Date.now()
    const records = Array.from({ length: 20 }, () => {
      views += 1
      const times = { sessionStartedAt: now - 60_000, startedAt: now - 60_000, lastActivityAt: now }
      return view({ viewId: id(views.toString(16)), sessionId: id(Math.floor(views / 10).toString(16)), ...times })
    })
    const body = JSON.stringify(envelope(records, { sentAt: now }))
    const response = await fetch(`${origin}/v1/records`, { method: 'POST', body })
    const answer = (await response.json()) as { accepted?: number }
    if (response.status !== 200) return { acknowledged, status: response.status }
    expect(answer).toEqual({ accepted: records.length, problems: [] })
    acknowledged.push(...records.map(({ viewId }) => viewId))
  }
  return { acknowledged, status: 200 }
}

function storedIn(dataDir: string): Set<string> {
  const db = new Database(join(dataDir, 'dwelltime.db'))
  const rows = db.prepare('SELECT view_id FROM views').all() as { view_id: string }[]
  db.close()
  return new Set(rows.map((row) => row.view_id))
}

const missing = (dataDir: string, acknowledged: readonly string[]) => {
  const stored = storedIn(dataDir)
  return acknowledged.filter((viewId) => !stored.has(viewId))
}

async function refused(dataDir: string): Promise<string> {
  const { code, stderr } = await run(bundle.main, ['--port', '0', '--data-dir', dataDir]).exited
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^dwelltime: DATA_DIR: .*\n$/)])
  return stderr.trim()
}

/** A collector that was killed after it acknowledged so many records. */
async function killed(dataDir: string, count: number): Promise<string[]> {
  const { origin, child, exited } = await start(bundle.main, dataDir)
  const { acknowledged, status } = await post(origin, count)
  expect(status).toBe(200)
  child.kill('SIGKILL')
  await exited
  return acknowledged
}

describe('a full disk', () => {
  test('is told, costs nothing that was acknowledged, and is over when there is space again', async ({ skip }) => {
    const dataDir = mountTmpfs(12 * MIB)
    if (!dataDir) return skip(NO_MOUNT)
    const { origin, child, output, exited } = await start(bundle.main, dataDir)
    const before = await post(origin, 100)
    fill(join(dataDir, 'ballast'))

    const during = await post(origin, 1_000_000)
    expect(during.status).toBe(503)
    expect((await fetch(`${origin}/readyz`)).status).toBe(503)
    await expect.poll(() => output.stderr).toMatch(/"level":"error".*disk is full.*"msg":"records could not be stored"/)
    rmSync(join(dataDir, 'ballast'))
    const after = await post(origin, 100)
    expect(after.status).toBe(200)
    expect((await fetch(`${origin}/readyz`)).status).toBe(200)

    child.kill('SIGKILL')
    await exited
    const acknowledged = [before, during, after].flatMap((part) => part.acknowledged)
    await start(bundle.main, dataDir)
    expect(missing(dataDir, acknowledged)).toEqual([])
  })

  test('from the beginning: a clear line', async ({ skip }) => {
    const dataDir = mountTmpfs(MIB)
    if (!dataDir) return skip(NO_MOUNT)
    fill(join(dataDir, 'ballast'))
    expect(await refused(dataDir)).toMatch(/full|ENOSPC|disk I\/O error/)
  })
})

describe('a directory that cannot be written', () => {
  test('is told at start, and what is in it stays', async ({ skip }) => {
    const dataDir = mountTmpfs(32 * MIB)
    if (!dataDir) return skip(NO_MOUNT)
    const acknowledged = await killed(dataDir, 100)
    makeReadOnly(dataDir)
    expect(await refused(dataDir)).toContain('EROFS: read-only file system')
    const copy = temporaryDirectory()
    for (const file of readdirSync(dataDir)) copyFile(join(dataDir, file), join(copy, file))
    expect(missing(copy, acknowledged)).toEqual([])
  })
})

describe('after a power cut', () => {
  test('what was half written at the end of the log is left out, everything before it is there', async () => {
    const dataDir = temporaryDirectory()
    const acknowledged = await killed(dataDir, 500)
    const log = join(dataDir, 'dwelltime.db-wal')
    const whole = readFileSync(log)
    // A commit that never came to its end: pages like others, the last one torn.
    writeAt(log, statSync(log).size, whole.subarray(32, 32 + 10_000))
    const { origin } = await start(bundle.main, dataDir)
    expect(missing(dataDir, acknowledged)).toEqual([])
    expect((await post(origin, 20)).status).toBe(200)
  })

  test('pages that were torn while they were copied out of the log are healed from it', async () => {
    const dataDir = temporaryDirectory()
    const acknowledged = await killed(dataDir, 500)
    const database = join(dataDir, 'dwelltime.db')
    const { pageSize, pages } = pagesInLog(join(dataDir, 'dwelltime.db-wal'))
    expect(pages.size).toBeGreaterThan(5)
    for (const page of pages) {
      const at = (page - 1) * pageSize
      if (at < statSync(database).size) writeAt(database, at + pageSize / 2, Buffer.alloc(pageSize / 2, 0xa5))
    }
    await start(bundle.main, dataDir)
    expect(missing(dataDir, acknowledged)).toEqual([])
  })

  test('a log that was cut off by a disk that lied: what is left is whole, and goes on', async () => {
    const dataDir = temporaryDirectory()
    const acknowledged = await killed(dataDir, 500)
    const log = join(dataDir, 'dwelltime.db-wal')
    truncateSync(log, Math.floor(statSync(log).size * 0.7))
    const { origin } = await start(bundle.main, dataDir)
    const lost = missing(dataDir, acknowledged)
    expect(lost.length).toBeLessThan(acknowledged.length)
    expect(acknowledged.slice(acknowledged.length - lost.length)).toEqual(lost) // the newest, nothing in between
    expect((await post(origin, 20)).status).toBe(200)
  })

  test('a first page of something else: a clear line, and nothing is overwritten', async () => {
    const dataDir = temporaryDirectory()
    await killed(dataDir, 20)
    rmSync(join(dataDir, 'dwelltime.db-wal'))
    writeAt(join(dataDir, 'dwelltime.db'), 0, Buffer.alloc(64, 0xa5))
    const bytes = readFileSync(join(dataDir, 'dwelltime.db'))
    expect(await refused(dataDir)).toMatch(/not a database|malformed/)
    expect(readFileSync(join(dataDir, 'dwelltime.db')).equals(bytes)).toBe(true)
  })
})

test('a second process on the same directory is turned away, and the first one loses nothing by it', async () => {
  const dataDir = temporaryDirectory()
  const first = await start(bundle.main, dataDir)
  const posting = post(first.origin, 400)
  expect(await refused(dataDir)).toBe(`dwelltime: DATA_DIR: ${dataDir} is in use by another collector`)
  const { acknowledged, status } = await posting
  expect(status).toBe(200)
  first.child.kill('SIGKILL')
  await first.exited
  expect(missing(dataDir, acknowledged)).toEqual([])
})

describe('a clock that is set back', () => {
  test('by an hour: what comes is stored, nobody is refused, nothing ends early or twice', async () => {
    const { send, reap, clock, sessions, metrics } = createCollector(undefined, { rateLimit: 100 })
    clock.now = START + 3_600_000
    await send([view({ state: 'active' })])
    clock.now -= 3_600_000
    for (let seq = 2; seq < 50; seq++) {
      clock.now += 1_000
      expect(await send([view({ seq, state: 'active' })])).toEqual({ accepted: 1, problems: [] })
    }
    await reap()
    expect(await sessions()).toMatchObject([{ status: 'open', views: [{ seq: 49 }] }])
    clock.now = START + 2 * 3_600_000
    await reap()
    expect(await metrics('session_end_total')).toEqual(['session_end_total{component_name="docs",status="error"} 1'])
  })

  test('by days: what looks too new then is refused with its reason and set aside, never taken for stored', async () => {
    const { send, clock, report, sessions } = createCollector()
    await send([view()])
    clock.now -= 3 * 86_400_000
    expect(await send([view({ seq: 2 })], { sentAt: START + 61_000 })).toEqual({
      accepted: 0,
      problems: [{ index: 0, problem: expect.stringContaining('want an instant at most 7 days before receipt') }],
    })
    const facts = await report('data-quality', { start_date: '2026-06-10', end_date: '2026-06-15' })
    expect(facts).toContainEqual({ fact: 'records_rejected_implausible', amount: 1 })
    expect(await sessions()).toMatchObject([{ views: [{ seq: 1 }] }])
  })
})

/** Until nothing fits any more. */
function fill(file: string): void {
  const handle = openSync(file, 'w')
  try {
    for (const size of [64 * 1024, 4096]) writeUntilFull(handle, Buffer.alloc(size))
  } finally {
    closeSync(handle)
  }
}

function writeUntilFull(handle: number, chunk: Buffer): void {
  try {
    while (writeSync(handle, chunk) === chunk.length);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
  }
}

function writeAt(file: string, at: number, bytes: Buffer): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, bytes, 0, bytes.length, at)
  closeSync(handle)
}

function copyFile(from: string, to: string): void {
  const handle = openSync(to, 'w')
  writeSync(handle, readFileSync(from))
  closeSync(handle)
}

/** https://sqlite.org/fileformat2.html#the_write_ahead_log: a header of 32 bytes, then frames of 24 and a page. */
function pagesInLog(log: string): { pageSize: number; pages: Set<number> } {
  const bytes = readFileSync(log)
  const pageSize = bytes.readUInt32BE(8)
  const pages = new Set<number>()
  for (let at = 32; at + 24 + pageSize <= bytes.length; at += 24 + pageSize) pages.add(bytes.readUInt32BE(at))
  return { pageSize, pages }
}
