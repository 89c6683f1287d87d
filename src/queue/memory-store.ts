import type { Edit, Store } from './store.ts'

/** Where nothing may or can be stored on the device: it lasts as long as the page. */
export function createMemoryStore(): Store {
  const map = new Map<string, unknown>()
  const edit: Edit = {
    getAll: async () => [...map.values()],
    put: (value, key) => map.set(key, value),
    delete: (key) => map.delete(key),
  }
  let last: Promise<unknown> = Promise.resolve()
  return (run) => {
    const next = last.then(() => run(edit))
    last = next.catch(() => {}) // told to this caller; the next one begins afresh
    return next
  }
}
