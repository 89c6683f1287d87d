import { createStore, promisifyRequest } from 'idb-keyval'
import type { Store } from './store.ts'

/**
 * A store over idb-keyval, in a database of our own. Every write calls `commit()`: the uncommitted transaction of a
 * page that was frozen blocked the other tabs for a minute, and was then lost (Chromium 156).
 */
export function createIdbStore(): Store {
  const open = createStore('dwelltime', 'entries')
  return async (run) =>
    open('readwrite', async (store) => {
      const { transaction } = store
      const done = promisifyRequest(transaction)
      // Another tab wants to delete the database: let go of it.
      transaction.db.onversionchange = () => transaction.db.close()
      const result = await run({
        getAll: () => promisifyRequest(store.getAll()),
        put: (value, key) => store.put(value, key),
        delete: (key) => store.delete(key),
      })
      transaction.commit?.()
      await done
      return result
    })
}
