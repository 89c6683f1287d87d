import { randomUUID } from 'node:crypto'
import type { ClickHouseDatabase } from './database.ts'

/** A keeper that was not heard of for so long, in ms of the server's clock, has lost its place to whoever asks. */
const LEASE_MS = 15_000

/** A place among the keepers of one database. Each takes an epoch above all before it; the highest one keeps. */
export interface Lease {
  /** Undefined while it is not ours, as far as we know. */
  epoch(): number | undefined
  /** Takes the place or stays in it; false if another has it. */
  hold(): Promise<boolean>
  /** Asks the database whether a later keeper has come; the answer holds for everything that was written before. */
  isLost(): Promise<boolean>
  /** Gives up a place of which nobody knows any more what it did last. */
  drop(): void
  /** So that the next one need not wait. */
  release(): Promise<void>
}

interface Claim {
  epoch: number
  holder: string
  is_released: number
  age: number
}

export function createLease(database: ClickHouseDatabase): Lease {
  const holder = randomUUID()
  let held: { epoch: number; heardAt: number } | undefined

  const newest = () =>
    database.read<Claim>(
      `SELECT epoch, holder, is_released, toUnixTimestamp64Milli(now64(3)) - beat_at AS age FROM keepers
       WHERE epoch = (SELECT max(epoch) FROM keepers)`,
    )
  const beat = (epoch: number, is_released = 0) => database.insert('keepers', [{ epoch, holder, is_released }])

  async function isLost(): Promise<boolean> {
    if (!held) return true
    const [claim] = await newest()
    if (claim!.epoch > held.epoch) held = undefined
    return !held
  }

  /** Whoever claims looks after writing: of two at once at least one sees the other, and steps back. */
  async function claim(): Promise<boolean> {
    const before = await newest()
    const isTaken = before.some((rival) => rival.holder !== holder && !rival.is_released && rival.age <= LEASE_MS)
    if (isTaken) return false
    const epoch = (before[0]?.epoch ?? 0) + 1
    const heardAt = performance.now()
    await beat(epoch)
    const rivals = await newest()
    if (rivals.some((rival) => rival.epoch > epoch || rival.holder !== holder)) {
      await beat(epoch, 1)
      return false
    }
    held = { epoch, heardAt }
    return true
  }

  return {
    epoch: () => (held && performance.now() - held.heardAt < LEASE_MS ? held.epoch : undefined),
    async hold() {
      if (!held) return claim()
      const { epoch } = held
      const heardAt = performance.now()
      await beat(epoch)
      if (await isLost()) return false
      held = { epoch, heardAt }
      return true
    },
    isLost,
    drop() {
      held = undefined
    },
    async release() {
      if (!held) return
      const { epoch } = held
      held = undefined
      await beat(epoch, 1)
    },
  }
}
