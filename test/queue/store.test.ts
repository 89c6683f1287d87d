import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { promisifyRequest } from 'idb-keyval'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createStore } from '../../src/queue/store.ts'

const real = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB')!

beforeEach(() => {
  Object.defineProperty(globalThis, 'indexedDB', { value: new IDBFactory(), configurable: true, writable: true })
})
afterEach(() => {
  vi.useRealTimers()
  Object.defineProperty(globalThis, 'indexedDB', real)
})

/** Where the page asks for IndexedDB, it meets this. */
const replaceIndexedDb = (get: () => unknown) =>
  Object.defineProperty(globalThis, 'indexedDB', { get, configurable: true })

function open(isOff = false) {
  const errors: unknown[] = []
  const store = createStore(
    () => isOff,
    (error) => errors.push(error),
  )
  return {
    store,
    errors,
    read: (key: string) => store((entries) => promisifyRequest(entries.get(key))),
    write: (key: string, value: unknown) => store((entries) => void entries.put(value, key)),
    /** One more than it was. */
    add: (key: string) =>
      store(async (entries) => {
        const sum = ((await promisifyRequest(entries.get(key))) ?? 0) + 1
        entries.put(sum, key)
        return sum
      }),
  }
}

describe('an update', () => {
  test('is there when it has resolved, for this store and for another one', async () => {
    const one = open()
    await one.write('a', { some: 'thing' })
    expect(await one.read('a')).toEqual({ some: 'thing' })
    expect(await open().read('a')).toEqual({ some: 'thing' })
  })

  test('answers what it was told to read', async () => {
    expect(await open().add('sum')).toBe(1)
  })

  test('is one step that no other tab comes between', async () => {
    const [one, two] = [open(), open()]
    const sums = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : two).add('sum')))
    expect(sums.sort((a, b) => a! - b!)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(await one.read('sum')).toBe(20)
  })

  test('is committed at once: a frozen page must not hold the others up', async () => {
    const { store } = open()
    const commit = vi.fn()
    await store((entries) => {
      const { transaction } = entries
      const original = transaction.commit.bind(transaction)
      transaction.commit = () => {
        commit()
        original()
      }
      entries.put(1, 'a')
    })
    expect(commit).toHaveBeenCalledOnce()
  })

  test('works in a browser that has no commit()', async () => {
    const one = open()
    await one.store((entries) => {
      Object.defineProperty(entries.transaction, 'commit', { value: undefined })
      entries.put(1, 'a')
    })
    expect(await one.read('a')).toBe(1)
    expect(one.errors).toEqual([])
  })

  test('that fails in the middle is told, and the next one works', async () => {
    const one = open()
    await one.store(() => Promise.reject(Error('mine')))
    expect(one.errors).toEqual([Error('mine')])
    expect(await one.add('sum')).toBe(1)
    expect(one.store.isOff()).toBe(false)
  })

  test('whose transaction is aborted is told once, and leaves no unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', (reason) => unhandled.push(reason))
    try {
      const one = open()
      await one.store(async (entries) => {
        const request = promisifyRequest(entries.get('a'))
        entries.transaction.abort() // what the browser does after a read error
        await request
      })
      expect(one.errors).toHaveLength(1)
      await new Promise((resolve) => setImmediate(resolve)) // when Node has told of rejections
      await new Promise((resolve) => setImmediate(resolve))
      expect(unhandled).toEqual([])
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const listener of others) process.on('unhandledRejection', listener)
    }
  })
})

describe('a store that is switched off', () => {
  test('never touches IndexedDB', async () => {
    const touched = vi.fn()
    replaceIndexedDb(touched)
    const { store, errors, add } = open(true)
    expect(store.isOff()).toBe(true)
    expect(await add('sum')).toBeUndefined()
    expect(touched).not.toHaveBeenCalled()
    expect(errors).toEqual([])
  })
})

describe('erased', () => {
  const names = async () => (await indexedDB.databases()).map(({ name }) => name)

  test('nothing is left on the device, and the other tabs store nothing any more', async () => {
    const [one, two] = [open(), open()]
    await one.write('a', 1)
    expect(await two.read('a')).toBe(1)
    await one.store.erase()
    await vi.waitFor(async () => expect(await names()).toEqual([]))
    expect(one.store.isOff()).toBe(true)
    expect(two.store.isOff()).toBe(true)
    expect(await two.write('b', 1)).toBeUndefined()
    expect(await names()).toEqual([])
    expect([...one.errors, ...two.errors]).toEqual([])
  })

  test('also where this page stores nothing itself', async () => {
    await open().write('a', 1)
    const { store } = open(true)
    await store.erase()
    expect(await open().read('a')).toBeUndefined()
  })

  test('what was in there is gone even if a frozen tab holds on to the database', async () => {
    const frozen = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('dwelltime')
      request.onupgradeneeded = () => request.result.createObjectStore('dwelltime')
      request.onsuccess = () => resolve(request.result)
    })
    const one = open()
    await one.write('a', 1)
    await one.store.erase()
    const left = await promisifyRequest(frozen.transaction('dwelltime').objectStore('dwelltime').count())
    frozen.close()
    expect(left).toBe(0)
  })
})

describe('where IndexedDB is refused', () => {
  const refusals: Record<string, () => unknown> = {
    'it does not exist': () => undefined,
    'touching it throws': () => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    },
    'opening it throws': () => ({
      open() {
        throw new DOMException('denied', 'SecurityError')
      },
    }),
    'opening it fails': () => ({ open: () => failing() }),
  }

  test.each(Object.entries(refusals))('%s: two faults are told, then it is off for good', async (_, get) => {
    replaceIndexedDb(get)
    const { store, errors, add } = open()
    expect(await add('sum')).toBeUndefined()
    expect(store.isOff()).toBe(false)
    expect(await add('sum')).toBeUndefined()
    expect(store.isOff()).toBe(true)
    expect(errors).toHaveLength(2)
    expect(await add('sum')).toBeUndefined()
    expect(errors).toHaveLength(2)
  })

  test('once only: it is opened again and works', async () => {
    const working = new IDBFactory()
    let tries = 0
    replaceIndexedDb(() => (tries++ === 0 ? { open: () => failing() } : working))
    const { store, errors, add } = open()
    expect(await add('sum')).toBeUndefined()
    expect(await add('sum')).toBe(1)
    expect(await add('sum')).toBe(2)
    expect(errors).toHaveLength(1)
    expect(store.isOff()).toBe(false)
  })

  test('one fault that two updates meet is one: it is opened again', async () => {
    const working = new IDBFactory()
    let tries = 0
    replaceIndexedDb(() => (tries++ === 0 ? { open: () => failing() } : working))
    const { store, add } = open()
    await Promise.all([add('sum'), add('sum')])
    expect(store.isOff()).toBe(false)
    expect(await add('sum')).toBeGreaterThan(0)
  })
})

describe('where IndexedDB does not answer', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })

  test('the page goes on after 1 s', async () => {
    replaceIndexedDb(() => ({ open: () => ({}) }))
    const { errors, add } = open()
    const done = vi.fn()
    const update = add('sum').then(done)
    await vi.advanceTimersByTimeAsync(999)
    expect(done).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await update
    expect(done).toHaveBeenCalledExactlyOnceWith(undefined)
    expect(errors).toEqual([Error('IndexedDB does not answer')])
  })

  test('twice, it is off', async () => {
    replaceIndexedDb(() => ({ open: () => ({}) }))
    const { store, add } = open()
    for (let i = 0; i < 2; i++) {
      const update = add('sum')
      await vi.advanceTimersByTimeAsync(1_000)
      await update
    }
    expect(store.isOff()).toBe(true)
  })
})

/** A request that fails in its own time. */
function failing(): object {
  const request: { onerror?: () => void; error: Error } = { error: Error('UnknownError') }
  setImmediate(() => request.onerror?.())
  return request
}
