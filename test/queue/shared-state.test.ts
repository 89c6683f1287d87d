import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { promisifyRequest } from 'idb-keyval'
import { beforeEach, describe, expect, test } from 'vitest'
import { createSessionRule, type Session } from '../../src/core/session.ts'
import { minutes, seconds, type WallTime } from '../../src/core/time.ts'
import { updateShared } from '../../src/queue/shared-state.ts'
import { createStore, type Store } from '../../src/queue/store.ts'
import { createOffStore } from '../support/memory-store.ts'
import { EPOCH } from '../support/replay.ts'

const DAY = seconds(86_400)
const rule = createSessionRule(minutes(30), seconds(60), 0)
const session = (id: string, at: WallTime = EPOCH): Session => ({ id, startedAt: at, lastActivityAt: at })

let store: Store
let ids = 0

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  store = createStore(
    () => false,
    (error) => {
      throw error
    },
  )
  ids = 0
})

const update = (
  mine: Session,
  now: WallTime = EPOCH,
  wantsVisitor: false | ((sessionId: string) => boolean) = () => true,
) => updateShared(store, rule, mine, now, wantsVisitor, () => `visitor ${++ids}`)

describe('the session', () => {
  test('is mine where there is none', async () => {
    expect((await update(session('a'))).session).toEqual(session('a'))
  })

  test('is the one that goes on, for every tab that asks', async () => {
    await update(session('a'))
    expect((await update(session('b', EPOCH + 5_000), EPOCH + 5_000)).session).toEqual(session('a'))
  })

  test('of two tabs that open at once is one', async () => {
    const tabs = await Promise.all(['a', 'b', 'c'].map((id) => update(session(id))))
    expect(new Set(tabs.map((tab) => tab.session.id)).size).toBe(1)
  })

  test('is mine, and theirs from now on, where the other is over', async () => {
    await update(session('a'))
    const later = EPOCH + minutes(31)
    expect((await update(session('b', later), later)).session.id).toBe('b')
    expect((await update(session('c', later), later)).session.id).toBe('b')
  })

  test('is mine where the other was ended, by a page that was gone before it could read', async () => {
    await update(session('a'))
    const mute = (entries: IDBObjectStore) => ({
      put: (value: unknown, key: string) => entries.put(value, key),
      get: () => ({}), // it never answers
    })
    const dying = (run: Parameters<Store>[0]) =>
      store((entries) => void run(mute(entries) as unknown as IDBObjectStore))
    void updateShared(dying as Store, rule, { ...session('a'), ended: 'explicit' }, EPOCH, false, () => '')
    const later = EPOCH + 1_000
    expect((await update(session('b', later), later)).session.id).toBe('b')
    expect((await update(session('c', later), later)).session.id).toBe('b')
  })

  test('is mine where nothing can be read', async () => {
    const wants = () => true
    const shared = await updateShared(createOffStore(), rule, session('a'), EPOCH, wants, () => 'visitor')
    expect(shared).toEqual({ session: session('a') })
  })

  test.each([null, 'garbage', 7, [], { session: 'x', visitor: 'y' }])(
    'is mine where the store has %j',
    async (garbage) => {
      await store((entries) => void entries.put(garbage, 'shared'))
      expect((await update(session('a'))).session).toEqual(session('a'))
      expect((await update(session('b'))).session).toEqual(session('a'))
    },
  )
})

describe('the visitor', () => {
  test('is the same for 13 months, however often he comes', async () => {
    const first = await update(session('a'))
    expect(first.visitor).toEqual({ id: 'visitor 1', since: EPOCH })
    for (const days of [1, 30, 200, 394]) {
      const at = EPOCH + days * DAY
      expect((await update(session(`after ${days} days`, at), at)).visitor).toEqual(first.visitor)
    }
  })

  test('is another one after 13 months', async () => {
    await update(session('a'))
    const later = EPOCH + 395 * DAY + 1
    expect((await update(session('b', later), later)).visitor).toEqual({ id: 'visitor 2', since: later })
  })

  test('has no id where none is wanted, until one is', async () => {
    expect((await update(session('a'), EPOCH, () => false)).visitor).toBeFalsy()
    expect(ids).toBe(0)
    expect((await update(session('a'))).visitor).toMatchObject({ id: 'visitor 1' })
  })

  test('has none, and loses the one that he had, where the host wants none of anybody', async () => {
    await update(session('a'))
    expect((await update(session('a'), EPOCH, false)).visitor).toBeFalsy()
    expect((await store((entries) => promisifyRequest(entries.get('shared')))).visitor).toBeFalsy()
  })

  test('keeps his id where only this session has no use for it', async () => {
    const { visitor } = await update(session('a'))
    await update(session('a'), EPOCH, () => false)
    expect((await update(session('a'))).visitor).toEqual(visitor)
  })

  test('loses an id that is over where none is wanted', async () => {
    await update(session('a'))
    const later = EPOCH + 400 * DAY
    expect((await update(session('b', later), later, () => false)).visitor).toBeFalsy()
    const stored = await store((entries) => promisifyRequest(entries.get('shared')))
    expect(stored.visitor).toBeFalsy()
  })

  test('is wanted or not for the session that the tabs agreed on', async () => {
    await update(session('theirs'), EPOCH, () => false)
    const asked: string[] = []
    await update(session('mine'), EPOCH, (id) => asked.push(id) < 0)
    expect(asked).toEqual(['theirs'])
  })
})
