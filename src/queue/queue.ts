import { promisifyRequest } from 'idb-keyval'
import type { Millis, WallTime } from '../core/time.ts'
import type { ViewRecord } from '../protocol/record.ts'
import type { Store } from './store.ts'

interface Entry {
  record: ViewRecord
  savedAt: WallTime
}

/** The oldest record worth sending. */
const MAX_AGE: Millis = 72 * 3_600_000 // ms
/** Of one request, in UTF-16 units of JSON: leaves room in the 64 KiB that all scripts of a page share in flight. */
export const MAX_BATCH = 16_000

export type Queue = ReturnType<typeof createQueue>

/** Records that are not yet acknowledged: this page's in memory, and with those of all tabs and earlier pages in `store`. */
export function createQueue(store: Store, now: () => WallTime, onDropped: (count: number, why: string) => void) {
  /** This page's latest record of each view, ready to be sent when there is no time to ask the store. */
  const own: Record<string, ViewRecord> = {}

  return {
    /** What one request can carry of this page's. */
    readOwn: () => takeBatch(Object.values(own)),

    put(record: ViewRecord): void {
      own[record.viewId] = record
      store((entries) => entries.put({ record, savedAt: now() }, record.viewId))
    },

    /** What one request can carry of everything, this page's first. Drops what is too old. */
    async read(): Promise<ViewRecord[]> {
      const records = Object.values(own)
      await store(async (entries) => {
        // Anything may be in a store that others can write to.
        for (const entry of (await promisifyRequest(entries.getAll())) as (Partial<Entry> | undefined)[]) {
          const record = entry?.record
          if (!record?.viewId || own[record.viewId]) continue
          if (now() - entry!.savedAt! < MAX_AGE) records.unshift(record)
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
      for (const { viewId, seq } of sent) if (own[viewId]?.seq === seq) delete own[viewId]
      await store(async (entries) => {
        for (const { viewId, seq } of sent) {
          const entry: Entry | undefined = await promisifyRequest(entries.get(viewId))
          if (entry && !(entry.record.seq > seq)) entries.delete(viewId)
        }
      })
    },
  }
}

/** As many as one request can carry, the last first. */
function takeBatch(records: ViewRecord[]): ViewRecord[] {
  let size = 0
  return records.reverse().filter((record) => {
    size += JSON.stringify(record).length
    return size < MAX_BATCH
  })
}
