import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DEFAULT_RULES } from '../../src/metrics/counts.ts'
import { type KeptChange, settle } from '../../src/sessions/keeper.ts'
import { openSqliteThread } from '../../src/store/sqlite/thread-store.ts'
import type { Store } from '../../src/store/store.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { bundleCollector } from '../support/process.ts'
import { id, received } from '../support/records.ts'
import { storeContract } from './store.contract.ts'

let bundle: Awaited<ReturnType<typeof bundleCollector>>
beforeAll(async () => {
  bundle = await bundleCollector()
})
afterAll(() => bundle.remove())

const newFile = () => join(temporaryDirectory(), 'dwelltime.db')
const open = (file: string, keeps?: Parameters<typeof openSqliteThread>[1]['keeps']): Promise<Store> =>
  openSqliteThread(pathToFileURL(join(dirname(bundle.main), 'thread.mjs')), { file, keeps })

storeContract('SQLite in a thread', async () => {
  const file = newFile()
  const store = await open(file)
  return {
    store,
    async reopen() {
      await store.close()
      return open(file)
    },
  }
})

describe('the keeper beside it', () => {
  const keeps = {
    rules: DEFAULT_RULES,
    alerts: [{ site: 'docs', metric: 'session' as const, above: 30, webhook: 'https://example.org/' }],
  }

  test('tells of what begins after the answer to its records, of the rest before that of settling', async () => {
    const store = await open(newFile(), keeps)
    const happened: string[] = []
    store.keeper!.tell((changes: readonly KeptChange[]) => {
      for (const { session, before } of changes) happened.push(`${before ? 'goes on' : 'begins'}: ${session.totalMs}`)
    })
    await store.append([received()]).then(() => happened.push('appended'))
    await vi.waitUntil(() => happened.length === 2)
    await store.append([received({ seq: 2, totalMs: 90_000 })]).then(() => happened.push('appended'))
    await settle(store).then(() => happened.push('settled'))
    expect(happened).toEqual(['appended', 'begins: 60000', 'appended', 'goes on: 90000', 'settled'])
    expect(await store.openFacts('alert', 10)).toMatchObject([{ sessionId: id('5e') }])
    expect(await store.counters(['session_start_total'])).toMatchObject([{ value: 1 }])
    await store.close()
  })

  test('a failure is the failure of whoever asked, and of nobody else', async () => {
    const store = await open(newFile(), keeps)
    const [bad, good] = await Promise.allSettled([
      store.append([received({ path: null as never })]),
      store.append([received()]),
    ])
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('views.path') } })
    expect(good).toEqual({ status: 'fulfilled', value: ['stored'] })
    await store.close()
  })
})
