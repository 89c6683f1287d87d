import { setTimeout as delay } from 'node:timers/promises'
import { createHousekeeping } from './history/housekeeping.ts'
import { createErrorLog, type Log } from './log.ts'
import type { Seen } from './seen.ts'
import { createReaper } from './sessions/keeper.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store/store.ts'

/** Three times as often as the lease needs it. */
const LEASE_EVERY_MS = 5_000

/** Roll-ups come in quarters of an hour; nobody waits for them. */
const HOUSEKEEPING_EVERY_MS = 60_000

/** How late the live stream may be; a look that finds nothing costs next to nothing. */
const SETTLE_EVERY_MS = 1_000

/** Looking more often than this finds nothing more; looking less often makes short graces imprecise. */
const reapEveryMs = (graceMs: number) => Math.min(5_000, Math.max(250, graceMs / 4))

interface Keeping {
  settings: Pick<Settings, 'reapGraceMs' | 'retentionDays'>
  store: Store
  seen: Seen
  log: Log
  until: AbortSignal
}

/** Ends and counts sessions, tells of them, rolls up and deletes, while nobody else does, until it is told to stop. */
export async function keep({ settings, store, seen, log, until }: Keeping): Promise<void> {
  const now = () => new Date()
  const { keeper, settled } = seen
  const reap = createReaper({ store, graceMs: settings.reapGraceMs, listeningSince: now(), keeper, settled })
  const keepHouse = createHousekeeping({ store, retentionDays: settings.retentionDays, until })

  async function repeat(what: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    const onError = createErrorLog(log, `${what} failed, trying again`, Date.now)
    while (!until.aborted) {
      try {
        await delay(everyMs, undefined, { signal: until })
        await work()
      } catch (error) {
        if (!until.aborted) onError(error)
      }
    }
  }
  const ifKeeper = (work: (at: Date) => Promise<void>) => async () => {
    if (store.isKeeper()) await work(now())
  }

  await Promise.all([
    repeat('asking who keeps', LEASE_EVERY_MS, () => holdLease(store, log)),
    repeat('counting sessions', SETTLE_EVERY_MS, ifKeeper(settled)),
    repeat('telling of sessions', SETTLE_EVERY_MS, ifKeeper(seen.tick)),
    repeat(
      'telling webhooks',
      SETTLE_EVERY_MS,
      ifKeeper(() => seen.deliver(until)),
    ),
    repeat('ending sessions', reapEveryMs(settings.reapGraceMs), ifKeeper(reap)),
    repeat('housekeeping', HOUSEKEEPING_EVERY_MS, ifKeeper(keepHouse)),
  ])
}

async function holdLease(store: Store, log: Log): Promise<void> {
  const wasKeeper = store.isKeeper()
  const isKeeper = await store.holdLease()
  if (isKeeper !== wasKeeper) log.info({}, isKeeper ? 'keeping sessions from now on' : 'another collector keeps now')
}
