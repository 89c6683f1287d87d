import type { Store } from '../../src/queue/store.ts'

/** A store as it is where nothing can be kept on the device. */
export function createOffStore(): Store {
  const store = async () => undefined
  store.isOff = () => true
  store.erase = async () => {}
  return store
}
