import type { Storage } from './plan.ts'

interface StorageFault {
  /** Runs in the page before the SDK does. */
  script?: string
  /** Options of the SDK. */
  options?: Record<string, unknown>
}

/** How a page comes by each state of its storage. */
export const STORAGE: Record<Storage, StorageFault> = {
  ok: {},
  memory: { options: { storage: 'memory' } },
  absent: { script: `Object.defineProperty(window, 'indexedDB', { value: undefined })` },
  hanging: { script: 'IDBFactory.prototype.open = () => new EventTarget()' },
  // As when the disk is full: what is put can be read in its transaction, which then fails as a whole.
  quota: {
    script: `{
      const put = IDBObjectStore.prototype.put
      const abort = (transaction) => {
        try {
          transaction.abort()
        } catch {
          // It has been aborted already.
        }
      }
      IDBObjectStore.prototype.put = function (...values) {
        const { transaction } = this
        Object.defineProperty(transaction, 'error', { value: new DOMException('The disk is full', 'QuotaExceededError') })
        transaction.commit = () => abort(transaction)
        const request = put.apply(this, values)
        request.addEventListener('success', () => setTimeout(abort, 0, transaction))
        return request
      }
    }`,
  },
}
