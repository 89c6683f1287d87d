import { join } from 'node:path'
import Database from 'libsql'
import { expect, test } from 'vitest'
import { question } from '../../src/store/question.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import { received } from '../support/records.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { storeContract } from './store.contract.ts'

storeContract('SQLite', () => {
  const file = join(temporaryDirectory(), 'dwelltime.db')
  const store = openSqliteStore(file)
  return {
    store,
    reopen() {
      store.close()
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
  expect(db.prepare('PRAGMA user_version').all()).toEqual([{ user_version: 2 }])
  db.exec('PRAGMA user_version = 99')
  db.close()
  expect(() => openSqliteStore(file)).toThrow('was written by a newer version (schema 99, known 2)')
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
