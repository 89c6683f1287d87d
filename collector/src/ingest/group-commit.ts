import type { Outcome, ReceivedView, Store } from '../store/store.ts'

/** The most records that one commit writes: some tens of ms, for which those behind it wait. */
const RECORDS_PER_COMMIT = 1_000

/** The most records that may wait for their commit, some 40 MiB at worst; beyond it posts are told to come again. */
const MAX_WAITING_RECORDS = 10_000

interface Waiting {
  views: readonly ReceivedView[]
  resolve: (outcomes: Outcome[]) => void
  reject: (error: unknown) => void
}

/** The answer of a full queue. */
export class OverloadError extends Error {}

/**
 * Gathers what arrives together into one commit. A disk that makes a commit durable a few thousand times a second
 * takes many more records in that time. Each promise resolves after the commit that holds its records.
 *
 * While one batch is written a second one is handed over, as soon as it is more than half as large: so the store has work
 * while the first is answered and those who were answered send again. A smaller one would cost more than it spares.
 */
export function createGroupCommit(
  append: Store['append'],
  maxWaiting = MAX_WAITING_RECORDS,
): (views: readonly ReceivedView[]) => Promise<Outcome[]> {
  const queue: Waiting[] = []
  let queued = 0
  /** How many records each batch has that is being written. */
  const writing: number[] = []
  let isDue = false

  const waiting = () => queued + sum(writing)

  /** Posts that are being read already come along. */
  function soon() {
    if (isDue) return
    isDue = true
    setImmediate(() => {
      isDue = false
      if (queued > sum(writing) / 2 && writing.length < 2) void write(takeGroup())
    })
  }

  async function write(group: Waiting[]) {
    const records = sum(group.map(({ views }) => views.length))
    queued -= records
    writing.push(records)
    soon()
    await commit(group)
    writing.splice(writing.indexOf(records), 1)
    soon()
  }

  function takeGroup(): Waiting[] {
    let records = 0
    const full = queue.findIndex((item) => {
      records += item.views.length
      return records > RECORDS_PER_COMMIT
    })
    return queue.splice(0, full === -1 ? queue.length : Math.max(1, full))
  }

  async function commit(group: Waiting[]) {
    try {
      const outcomes = await append(group.flatMap((item) => item.views))
      for (const { views, resolve } of group) resolve(outcomes.splice(0, views.length))
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error)
      // One of them may be at fault; the others must not pay for it.
      else for (const item of group) await commit([item])
    }
  }

  return (views) =>
    new Promise((resolve, reject) => {
      if (waiting() + views.length > maxWaiting) return reject(new OverloadError())
      queued += views.length
      queue.push({ views, resolve, reject })
      soon()
    })
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
