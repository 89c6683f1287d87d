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
 */
export function createGroupCommit(
  append: Store['append'],
  maxWaiting = MAX_WAITING_RECORDS,
): (views: readonly ReceivedView[]) => Promise<Outcome[]> {
  const queue: Waiting[] = []
  let waiting = 0
  let draining = false

  async function drain() {
    for (let group = takeGroup(); group.length > 0; group = takeGroup()) {
      await commit(group)
      for (const { views } of group) waiting -= views.length
      await turn() // posts that arrived during the commit are read before the next one
    }
    draining = false
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
      if (waiting + views.length > maxWaiting) return reject(new OverloadError())
      waiting += views.length
      queue.push({ views, resolve, reject })
      if (draining) return
      draining = true
      setImmediate(drain)
    })
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
