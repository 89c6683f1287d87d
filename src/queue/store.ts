import { promisifyRequest } from 'idb-keyval'

/**
 * The key-value store that the tabs of an origin share. What `run` reads and writes is one step that no other tab can
 * come between; it may wait for requests of `entries` and for nothing else. Resolves when that is durable, and with
 * `undefined` if it could not be done: then the caller goes on with what it has in memory.
 */
export interface Store {
  <T>(run: (entries: IDBObjectStore) => T | Promise<T>): Promise<T | undefined>
  /** Nothing is, or can be, stored on the device. */
  isOff: () => boolean
  /** Nothing is left on the device; the other tabs of the origin let go, too, and store nothing any more. */
  erase: () => Promise<void>
}

/** Of the database, and of the one store in it. */
const NAME = 'dwelltime'

/** IndexedDB may never answer: a blocked open, a lost request (https://bugs.webkit.org/show_bug.cgi?id=226547). */
const TIMEOUT = 1_000 // ms

/**
 * A store over idb-keyval in a database of our own. It is opened again once after a fault and given up after a second
 * one; `onError` sees each. Every write calls `commit()`: the uncommitted transaction of a page that was frozen blocked
 * the other tabs for a minute, and was then lost (Chromium 156).
 */
export function createStore(isOff: () => boolean, onError: (error: unknown) => void): Store {
  let triesLeft = 2
  let open: Promise<IDBDatabase> | undefined

  async function attempt<T>(run: (entries: IDBObjectStore) => T | Promise<T>): Promise<T> {
    open ??= openDatabase()
    const database = await open
    database.onversionchange = () => {
      database.close()
      triesLeft = 0
    }
    const transaction = database.transaction(NAME, 'readwrite')
    const result = await run(transaction.objectStore(NAME))
    transaction.commit?.()
    await promisifyRequest(transaction)
    return result
  }

  async function store<T>(
    run: (entries: IDBObjectStore) => T | Promise<T>,
    isWanted = !isOff(),
  ): Promise<T | undefined> {
    const tries = triesLeft
    if (!tries || !isWanted) return
    try {
      return await Promise.race([attempt(run), timeout()])
    } catch (error) {
      // Of all that were at it, the first counts.
      if (tries === triesLeft) {
        triesLeft--
        open = undefined
      }
      onError(error)
    }
  }
  store.isOff = () => !triesLeft || isOff()
  store.erase = async () => {
    // A frozen tab that does not let go holds the deletion up, but what was in there is gone.
    await store((entries) => entries.clear(), true)
    indexedDB.deleteDatabase(NAME)
  }
  return store
}

/**
 * Not idb-keyval's own: that keeps the connection to itself, and a page must be able to close it. It has version 1 for
 * ever: who wants it closed deletes it.
 */
function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME)
  request.onupgradeneeded = () => request.result.createObjectStore(NAME)
  return promisifyRequest(request)
}

const timeout = (): Promise<never> =>
  new Promise((_, reject) => setTimeout(reject, TIMEOUT, Error('IndexedDB does not answer')))
