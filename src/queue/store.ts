/** One transaction. Values are never to be trusted: others can write to the store. */
export interface Edit {
  getAll: () => Promise<unknown[]>
  put: (value: unknown, key: string) => void
  delete: (key: string) => void
}

/**
 * A small key-value store, shared by the tabs of an origin if it can be. What `run` reads and writes is one step that
 * no other tab can come between; it may wait for `getAll()` and for nothing else. Resolves when it is written.
 */
export type Store = <T>(run: (edit: Edit) => T | Promise<T>) => Promise<T>
