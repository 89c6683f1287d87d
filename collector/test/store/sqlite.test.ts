import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { settle } from '../../src/sessions/keeper.ts'
import { question } from '../../src/store/question.ts'
import { createReadProcess } from '../../src/store/sqlite/read-process.ts'
import { backupSqlite, openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import { createCollector } from '../support/collector.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { id, received, START } from '../support/records.ts'
import { storeContract } from './store.contract.ts'

storeContract('SQLite', async () => {
  const file = join(temporaryDirectory(), 'dwelltime.db')
  const store = openSqliteStore(file)
  return {
    store,
    async reopen() {
      await store.close()
      return openSqliteStore(file)
    },
  }
})

test('a commit reaches the disk before it is told', async () => {
  const store = openSqliteStore(join(temporaryDirectory(), 'dwelltime.db'))
  expect(
    await store.read(
      question(() => 'PRAGMA journal_mode'),
      {},
    ),
  ).toEqual([{ journal_mode: 'wal' }])
  const inProcess = openSqliteStore(':memory:') // whose questions go over the connection that writes
  expect(
    await inProcess.read(
      question(() => 'PRAGMA synchronous'),
      {},
    ),
  ).toEqual([{ synchronous: 2 }]) // FULL
})

test('the file says which schema it has, and one from the future is refused', () => {
  const file = join(temporaryDirectory(), 'dwelltime.db')
  openSqliteStore(file).close()
  openSqliteStore(file).close()
  const db = new Database(file)
  expect(db.prepare('PRAGMA user_version').all()).toEqual([{ user_version: 6 }])
  db.exec('PRAGMA user_version = 99')
  db.close()
  expect(() => openSqliteStore(file)).toThrow('was written by a newer version (schema 99, known 6)')
})

test('whoever opens the file finds the clocks under their names', async () => {
  const store = openSqliteStore(':memory:')
  await store.append([received({ totalMs: 90_000, visibleMs: 80_000, engagedMs: 70_000 })])
  expect(
    await store.read(
      question(() => 'SELECT path, total_ms, visible_ms, engaged_ms FROM views'),
      {},
    ),
  ).toEqual([{ path: '/learn/algebra', total_ms: 90_000, visible_ms: 80_000, engaged_ms: 70_000 }])
})

describe('what was deleted', () => {
  test('is in no file any more', async () => {
    const directory = temporaryDirectory()
    const store = openSqliteStore(join(directory, 'dwelltime.db'))
    const ann = { userId: 'ann-of-the-long-name', visitorId: 'visitor-of-ann-alone' }
    await store.append([received(ann), received({ viewId: id('b'), sessionId: id('5b') })])
    await settle(store)
    const bytes = () => readdirSync(directory).map((file) => readFileSync(join(directory, file), 'latin1'))
    expect(bytes().some((text) => text.includes(ann.userId))).toBe(true)
    await store.deleteUser(ann.userId, START)
    expect(bytes().filter((text) => /ann-of-the-long-name|visitor-of-ann-alone/.test(text))).toEqual([])
    await store.close()
  })
})

describe('a question', () => {
  const endless = question(
    () => 'WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n',
  )

  test('cannot write, whatever it says', async () => {
    const store = openSqliteStore(join(temporaryDirectory(), 'dwelltime.db'))
    const write = question(() => "INSERT INTO state VALUES ('x', 1) RETURNING name")
    await expect(store.read(write, {})).rejects.toThrow('readonly')
    await store.close()
  })

  test('that takes long holds up no post, and closing ends it', async () => {
    const store = openSqliteStore(join(temporaryDirectory(), 'dwelltime.db'))
    const answer = store.read(endless, {}).then(
      () => 'answered',
      () => 'given up',
    )
    expect(await store.append([received()])).toEqual(['stored'])
    await store.close()
    expect(await answer).toBe('given up')
  })

  test('too many of which wait is told to come again', async () => {
    const store = openSqliteStore(join(temporaryDirectory(), 'dwelltime.db'))
    const { read } = createCollector(store)
    const waiting = Array.from({ length: 100 }, () => store.read(endless, {}).catch(() => {}))
    const response = await read('/api/reports/overview')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    await store.close()
    await Promise.all(waiting)
  })

  test('that takes too long is given up, and the next one is answered', async () => {
    const file = join(temporaryDirectory(), 'dwelltime.db')
    const store = openSqliteStore(file)
    const reader = createReadProcess(file, 8_000)
    await expect(reader.ask(endless.sqlite, {})).rejects.toThrow('a question took more than 8000 ms')
    expect(await reader.ask('SELECT 1 AS one', {})).toEqual([{ one: 1 }])
    await reader.stop()
    await store.close()
  })
})

test('a copy made while somebody writes is whole', async () => {
  const directory = temporaryDirectory()
  const file = join(directory, 'dwelltime.db')
  const store = openSqliteStore(file)
  for (let index = 0; index < 50; index++) await store.append([received({ viewId: id(`${index}`) })])
  const copying = new Promise<void>((resolve) =>
    setImmediate(() => resolve(backupSqlite(file, join(directory, 'copy')))),
  )
  for (let index = 50; index < 100; index++) {
    await store.append([received({ viewId: id(`${index}`) })])
    await new Promise(setImmediate)
  }
  await copying
  const copy = openSqliteStore(join(directory, 'copy'))
  const [row] = await copy.read<{ amount: number }>(
    question(() => 'SELECT count(*) AS amount FROM views'),
    {},
  )
  expect(row!.amount).toBeGreaterThanOrEqual(50)
  expect(await copy.append([received({ viewId: id('0') })])).toEqual(['duplicate'])
  await Promise.all([copy.close(), store.close()])
})
