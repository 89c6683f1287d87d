import { createMemoryStore } from './memory-store.ts'
import type { Store } from './store.ts'

/** IndexedDB may never answer: a blocked open, a lost request (https://bugs.webkit.org/show_bug.cgi?id=226547). */
const STORE_TIMEOUT = 1_000 // ms

/**
 * The store that `open` gives, opened again once after a fault; after a second one, memory for the rest of the page.
 * So a caller hardly sees a fault of storage, and `onError` sees each. `lost()`: it is memory now.
 */
export function createSafeStore(open: () => Store, onError: (error: unknown) => void): Store & { lost: () => boolean } {
  let store = open()
  let faults = 0

  const attempt: Store = async (run) => {
    const used = store
    try {
      return await Promise.race([used(run), timeout()])
    } catch (error) {
      if (used === store) {
        if (faults > 1) throw error
        onError(error)
        store = faults++ ? createMemoryStore() : open()
      }
      return attempt(run)
    }
  }
  return Object.assign(attempt, { lost: () => faults > 1 })
}

const timeout = (): Promise<never> =>
  new Promise((_, reject) => setTimeout(reject, STORE_TIMEOUT, Error('IndexedDB does not answer')))
