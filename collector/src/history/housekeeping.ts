import { setImmediate } from 'node:timers/promises'
import type { Store } from '../store/store.ts'
import { refresh } from '../tallies/refresh.ts'
import { rolledUpTo, rollUp } from '../tallies/roll-up.ts'
import { DAY_MS, floorTo, QUARTER_MS } from '../tallies/tiers.ts'

/** How long what cannot be true is kept, for whoever wants to know why. */
const ASIDE_DAYS = 7

/** Longer than any record can be late: until then a deletion must be known. */
const TOMBSTONE_DAYS = 10

/** Longer than a session can be late and than an absence is looked for: until then an alert must be known. */
const FACT_DAYS = 40

/** A session goes with all its views: those of its last day must be rolled up, too. */
const LONGEST_SESSION_DAYS = 1

/** Where days change all the time, they are rolled up again for a tenth of it. */
const REST = 9

export interface HousekeepingOptions {
  store: Store
  /** How long sessions and views are kept, in days; 0: for ever. Their roll-ups stay. */
  retentionDays: number
  /** Whoever stops does not wait for all that there is to do: a year of views takes minutes. */
  until?: AbortSignal
}

/** Rolls up what cannot change any more, then deletes what is older than it may be. Nothing goes that is not rolled up. */
export function createHousekeeping(options: HousekeepingOptions): (now: Date) => Promise<void> {
  const { store, retentionDays, until } = options
  let refreshFrom = Number.NEGATIVE_INFINITY
  return async function keepHouse(now) {
    while (!until?.aborted && (await rollUp(store, now.getTime()))) await setImmediate()
    const at = performance.now()
    if (at >= refreshFrom) {
      await refresh(store, now.getTime(), until)
      refreshFrom = performance.now() + (performance.now() - at) * REST
    }
    const daysAgo = (days: number) => now.getTime() - days * DAY_MS
    const oldest = retentionDays > 0 ? floorTo(daysAgo(retentionDays), QUARTER_MS) : Number.MIN_SAFE_INTEGER
    const limits = {
      sessionsFrom: Math.min(oldest, (await rolledUpTo(store)) - LONGEST_SESSION_DAYS * DAY_MS),
      intakeFrom: oldest,
      asideFrom: daysAgo(ASIDE_DAYS),
      tombstonesFrom: daysAgo(TOMBSTONE_DAYS),
      factsFrom: daysAgo(FACT_DAYS),
    }
    while (!until?.aborted && (await store.prune(limits, store.portion)) === store.portion) await setImmediate()
  }
}
