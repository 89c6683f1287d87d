import { parentPort, workerData } from 'node:worker_threads'
import { sessionAlerts } from '../../alerts/evaluate.ts'
import { type Keeper, type KeptChange, settle } from '../../sessions/keeper.ts'
import type { Store } from '../store.ts'
import { openSqliteStore } from './sqlite.ts'
import { type Answer, type Ask, OPENING, type ThreadSettings } from './thread-words.ts'

// Runs in a thread of its own: SQLite and the keeper, so that the event loop has nothing to do but to receive.

const { file, keeps } = workerData as ThreadSettings
const tell = (answer: Answer) => parentPort!.postMessage(answer)

const keeper: Keeper | undefined = keeps && {
  rules: keeps.rules,
  factsOf: (session, views) => sessionAlerts(keeps.alerts, session, views),
  // After the answer to the batch that it came with, and before that to whoever settles.
  onKept: (changes) => setImmediate(() => tell({ kept: changes.map(told) })),
}

try {
  const store = openSqliteStore(file, keeper)
  const settled = (quiet: readonly number[]) => settle(store, keeper, new Set(quiet))
  const methods = { ...store, ...store.freshDays, settle: settled }
  parentPort!.on('message', async ({ id, name, input }: Ask) => {
    try {
      const run = methods[name as keyof Store] as (...input: unknown[]) => unknown
      tell({ id, value: await run(...input) })
      if (name === 'close') parentPort!.close()
    } catch (error) {
      tell({ id, problem: (error as Error).message })
    }
  })
  tell({ id: OPENING, value: undefined })
} catch (error) {
  tell({ id: OPENING, problem: (error as Error).message })
}

/** As little as is told of it: the rest of a session would be copied for nothing. */
function told({ session, before, endedViews, hasEnded, isAmendment }: KeptChange): KeptChange {
  const { sessionId, site, componentName, userId, visitorId, durationMs, totalMs, visibleMs, engagedMs } = session
  return {
    session: { sessionId, site, componentName, userId, visitorId, durationMs, totalMs, visibleMs, engagedMs },
    before: before && clocksOf(before),
    endedViews: endedViews.map(({ visibleMs, engagedMs }) => ({ visibleMs, engagedMs })),
    hasEnded,
    isAmendment,
  }
}

const clocksOf = ({ durationMs, totalMs, visibleMs, engagedMs }: NonNullable<KeptChange['before']>) => ({
  durationMs,
  totalMs,
  visibleMs,
  engagedMs,
})
