import { promisifyRequest } from 'idb-keyval'
import type { Millis, WallTime } from '../core/time.ts'
import type { ViewRecord } from '../protocol/record.ts'
import type { Store } from './store.ts'

/** From its last activity on: the oldest record worth sending. */
const MAX_AGE: Millis = 72 * 3_600_000 // ms
/** Of one request, in UTF-16 units of JSON: leaves room in the 64 KiB that all scripts of a page share in flight. */
export const MAX_BATCH = 16_000

export type Queue = ReturnType<typeof createQueue>

/** Records that are not yet acknowledged: this page's in memory, and with those of all tabs and earlier pages in `store`. */
export function createQueue(store: Store, now: () => WallTime) {
  /** This page's latest record of each view, the newest first: ready to be sent when there is no time to ask the store. */
  let own: ViewRecord[] = []

  return {
    /** What one request can carry of this page's. */
    readOwn: () => takeBatch(own),

    put(record: ViewRecord): void {
      own = [record, ...own.filter((other) => other.viewId !== record.viewId)]
      store((entries) => entries.put(record, record.viewId))
    },

    /** What one request can carry of everything, this page's first. Drops what is too old, and says so to `onDropped`. */
    async read(onDropped: (count: number, why: string) => void): Promise<ViewRecord[]> {
      const records = [...own]
      await store(async (entries) => {
        // Anything may be in a store that others can write to.
        for (const record of (await promisifyRequest(entries.getAll())) as (ViewRecord | undefined)[]) {
          if (!record?.viewId || own.some((other) => other.viewId === record.viewId)) continue
          if (now() - record.lastActivityAt < MAX_AGE) records.push(record)
          else {
            entries.delete(record.viewId)
            onDropped(1, 'too old')
          }
        }
      })
      return takeBatch(records)
    },

    /** The collector has them, or never will: forget each, unless a newer record of its view came meanwhile. */
    async acknowledge(sent: ViewRecord[]): Promise<void> {
      own = own.filter((record) => !sent.includes(record))
      await store(async (entries) => {
        for (const { viewId, seq } of sent) {
          const stored: ViewRecord | undefined = await promisifyRequest(entries.get(viewId))
          if (!(stored && stored.seq > seq)) entries.delete(viewId)
        }
      })
    },
  }
}

/** As many as one request can carry, from the first on. */
const takeBatch = (records: ViewRecord[]): ViewRecord[] => {
  let size = 0
  return records.filter((record) => {
    size += JSON.stringify(record).length
    return size < MAX_BATCH
  })
}
