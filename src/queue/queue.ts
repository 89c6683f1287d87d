import { promisifyRequest } from 'idb-keyval'
import type { Millis, WallTime } from '../core/time.ts'
import type { ViewRecord } from '../protocol/record.ts'
import type { Store } from './store.ts'

interface Entry {
  record: ViewRecord
  /** A tab is sending it, and no other does until then. */
  leaseUntil?: WallTime
}

/** Since its last activity: the oldest record worth sending. */
const MAX_AGE: Millis = 72 * 3_600_000 // ms
/** What may wait: records, and UTF-16 units of their JSON. */
const MAX_WAITING = 200
const MAX_SIZE = 256 * 1_024
/** As long as a request may take. */
const LEASE: Millis = 10_000

export type Queue = ReturnType<typeof createQueue>

/**
 * Records that are not yet acknowledged: this page's in memory, and with those of all tabs and earlier pages in `store`.
 * While `isHeld` nothing comes out. `onDropped` is told of each that was lost.
 */
export function createQueue(
  store: Store,
  now: () => WallTime,
  isHeld: () => boolean,
  onDropped: (count: number, why: string) => void,
) {
  /** This page's latest record of each view, the newest first: ready to be sent when there is no time to ask the store. */
  let own: ViewRecord[] = []

  /** What `room` has space for of all that no other tab is sending; what waits too long, or is too much, is dropped. */
  async function take(room: number, entries?: IDBObjectStore): Promise<ViewRecord[]> {
    const waiting = [...own]
    // Anything may be in a store that others can write to.
    for (const entry of (entries ? await promisifyRequest(entries.getAll()) : []) as (Entry | undefined)[]) {
      const record = entry?.record
      if (!record?.viewId || own.some(({ viewId }) => viewId === record.viewId)) continue
      const lease = entry!.leaseUntil! - now()
      if (!(lease > 0 && lease <= LEASE)) waiting.push(record)
    }
    const young = waiting.filter(({ lastActivityAt }) => now() - lastActivityAt < MAX_AGE)
    const kept = fill(young.slice(0, MAX_WAITING), MAX_SIZE)
    for (const record of waiting) if (!kept.includes(record)) entries?.delete(record.viewId)
    own = own.filter((record) => kept.includes(record))
    const lost = waiting.length - kept.length
    if (lost) onDropped(lost, 'too old, or too many')
    const batch = fill(kept, room)
    for (const record of batch) entries?.put({ record, leaseUntil: now() + LEASE }, record.viewId)
    return batch
  }

  return {
    /** What `room` (in UTF-16 units of JSON) has space for of this page's. */
    readOwn: (room: number) => (isHeld() ? [] : fill(own, room)),

    put(record: ViewRecord): void {
      own = [record, ...own.filter(({ viewId }) => viewId !== record.viewId)]
      store((entries) => entries.put({ record }, record.viewId))
    },

    /** What `room` has space for of everything, this page's first: to be sent, and then settled, by nobody else. */
    claim: async (room: number): Promise<ViewRecord[]> =>
      isHeld() ? [] : ((await store((entries) => take(room, entries))) ?? take(room)),

    /**
     * The collector has what was claimed, or never will (`isDone`): forget each, unless a newer record of its view came
     * meanwhile. Else it waits again, for whoever sends next.
     */
    async settle(batch: ViewRecord[], isDone: boolean): Promise<void> {
      if (isDone) own = own.filter((record) => !batch.includes(record))
      await store(async (entries) => {
        for (const { viewId, seq } of batch) {
          const { record }: Partial<Entry> = (await promisifyRequest(entries.get(viewId))) ?? {}
          if (!record || record.seq > seq) continue
          if (isDone) entries.delete(viewId)
          else entries.put({ record }, viewId)
        }
      })
    },
  }
}

/** As many as there is room for, from the first on; one at least, however long. */
function fill(records: ViewRecord[], room: number): ViewRecord[] {
  let size = 0
  return records.filter((record) => {
    const { length } = JSON.stringify(record)
    const fits = !size || size + length <= room
    if (fits) size += length
    return fits
  })
}
