import type { IntakeCount, SetAside, Store } from '../store/store.ts'

const QUARTER_MS = 15 * 60 * 1000

/** How long notes wait to be written together; what a crash may cost of them, which were promised to nobody. */
const FLUSH_AFTER_MS = 1_000

/** The most records that wait to be set aside; a flood of nonsense is counted, not kept. */
const MAX_ASIDE = 200

/** The most different notes that wait; sites are free text, and a page can send any. */
const MAX_COUNTS = 2_000

/** What the report on data quality knows of reception, beside the records themselves. */
export interface Ledger {
  note(site: string, name: string): void
  setAside(aside: SetAside): void
  /** Writes what waits. */
  flush(): Promise<void>
}

export interface LedgerOptions {
  noteIntake: Store['noteIntake']
  now: () => Date
  onError: (error: unknown) => void
}

export function createLedger({ noteIntake, now, onError }: LedgerOptions): Ledger {
  let counts = new Map<string, IntakeCount>()
  let aside: SetAside[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function soon(): void {
    timer ??= setTimeout(() => void flush(), FLUSH_AFTER_MS).unref()
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (counts.size === 0 && aside.length === 0) return
    const intake = { counts: [...counts.values()], aside }
    counts = new Map()
    aside = []
    try {
      await noteIntake(intake)
    } catch (error) {
      onError(error)
    }
  }

  return {
    flush,
    note(site, name) {
      const quarterAt = Math.floor(now().getTime() / QUARTER_MS) * QUARTER_MS
      const key = `${quarterAt} ${name} ${site}`
      const count = counts.get(key)
      if (count) count.amount += 1
      else if (counts.size < MAX_COUNTS) counts.set(key, { quarterAt, site, name, amount: 1 })
      soon()
    },
    setAside(item) {
      if (aside.length < MAX_ASIDE) aside.push(item)
      soon()
    },
  }
}
