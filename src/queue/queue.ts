import { seconds, type WallTime } from '../core/time.ts'
import type { ViewRecord } from '../protocol/record.ts'
import type { Store } from './store.ts'

interface Entry {
  record: ViewRecord
  savedAt: WallTime
}

/** The oldest record worth sending. */
const MAX_AGE = seconds(72 * 3_600)
const MAX_ENTRIES = 200
/** Of one request, in UTF-16 units of JSON: leaves room in the 64 KiB that all scripts of a page share in flight. */
export const MAX_BATCH = 16_000

export type Queue = ReturnType<typeof createQueue>

/** Records that are not yet acknowledged: this page's in memory, those of all tabs and earlier pages in `store`. */
export function createQueue(store: Store, now: () => WallTime, onDropped: (count: number) => void) {
  /** This page's latest record of each view, ready to be sent when there is no time to ask the store. */
  const own = new Map<string, ViewRecord>()

  return {
    own,

    put(record: ViewRecord): Promise<unknown> {
      own.set(record.viewId, record)
      return store((edit) => edit.put({ record, savedAt: now() }, record.viewId))
    },

    /** What one request can carry, newest first. Drops what is too old or too much. `more`: not all fitted. */
    claim: () =>
      store(async (edit) => {
        let size = 0
        let dropped = 0
        const entries = parseEntries(await edit.getAll()).sort((a, b) => b.savedAt - a.savedAt)
        const batch = entries
          .map(({ record }) => record)
          .filter((record, i) => {
            if (i < MAX_ENTRIES && now() - entries[i]!.savedAt < MAX_AGE)
              return (size += JSON.stringify(record).length) < MAX_BATCH
            edit.delete(record.viewId)
            dropped++
            return false
          })
        if (dropped) onDropped(dropped)
        return { batch, more: size >= MAX_BATCH }
      }),

    /** The collector has them, or never will: forget each, unless a newer record of its view came meanwhile. */
    acknowledge(sent: ViewRecord[]): Promise<void> {
      const forget = (records: ViewRecord[], from: { delete: (viewId: string) => void }) => {
        for (const { viewId, seq } of records)
          if (sent.some((one) => one.viewId === viewId && one.seq >= seq)) from.delete(viewId)
      }
      forget([...own.values()], own)
      return store(async (edit) => {
        const entries = parseEntries(await edit.getAll())
        forget(
          entries.map(({ record }) => record),
          edit,
        )
      })
    },
  }
}

/** The entries that are records. */
export const parseEntries = (values: unknown[]): Entry[] => (values as Entry[]).filter((entry) => entry?.record?.viewId)
