import type { Store } from '../store/store.ts'
import { SETTLED_AFTER_MS, tallied } from './roll-up.ts'
import { DAY_MS, FRESH_TIERS, floorTo } from './tiers.ts'

/** When a day has been over for so long, most of its sessions are. */
const FRESH_AFTER_MS = 60 * 60 * 1000

/** Rolls up the days that are over but may still change, and are not what they were rolled up as, until it is to stop. */
export async function refresh(store: Store, now: number, until?: AbortSignal): Promise<void> {
  const { freshDays } = store
  const first = floorTo(now - SETTLED_AFTER_MS, DAY_MS)
  const held = new Set((await freshDays.renew(first)).map(({ day }) => day))
  for (let day = first; day + DAY_MS + FRESH_AFTER_MS <= now; day += DAY_MS) {
    if (until?.aborted) return
    if (held.has(day)) continue
    await freshDays.begin(day)
    const rollups = await tallied(
      store,
      { from: day, to: day + DAY_MS },
      FRESH_TIERS.map((spanMs) => ({ spanMs, from: day })),
    )
    await freshDays.save(
      day,
      FRESH_TIERS.map((spanMs) => ({ spanMs, rows: rollups(spanMs) })),
    )
  }
}
