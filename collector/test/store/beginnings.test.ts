import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_RULES } from '../../src/metrics/counts.ts'
import { type Keeper, type KeptChange, settle } from '../../src/sessions/keeper.ts'
import { question } from '../../src/store/question.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import type { Fact, ReceivedView } from '../../src/store/store.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { id, received, START } from '../support/records.ts'

/** A store whose keeper keeps what begins with a batch in its transaction, or only when it settles. */
function createWorld({ keepsInside }: { keepsInside: boolean }) {
  const changes: KeptChange[] = []
  const keeper: Keeper = {
    rules: DEFAULT_RULES,
    factsOf: ({ sessionId }): Fact[] => [
      { id: `fact of ${sessionId}`, kind: 'alert', at: START, sessionId, person: '', body: '{}' },
    ],
    onKept: (kept) => changes.push(...kept),
  }
  const store = keepsInside ? openSqliteStore(':memory:', keeper) : openSqliteStore(':memory:')
  const all = (table: string) =>
    store.read<{ counted_views?: string }>(
      question(() => `SELECT * FROM ${table} ORDER BY 1, 2`),
      {},
    )
  return {
    store,
    changes,
    settle: () => settle(store, keeper),
    read: async () => ({
      sessions: (await all('sessions')).map((row) => ({ ...row, counted_views: row.counted_views!.split(',').sort() })),
      people: await all('people'),
      facts: await all('facts'),
      changed: await all('changed_sessions'),
      counters: await store.counters(),
    }),
  }
}

/** In order for each session; which of them comes first, or which of its views, is left open. */
const bySession = (changes: readonly KeptChange[]) =>
  changes
    .map(({ session, before, endedViews, ...what }) => {
      const { sessionId, componentName, userId, totalMs, engagedMs } = session
      const ended = endedViews.map((view) => view.visibleMs).sort()
      return { sessionId, componentName, userId, totalMs, engagedMs, before: before?.totalMs, ended, ...what }
    })
    .sort((a, b) => a.sessionId.localeCompare(b.sessionId))

const arrival = fc
  .record({
    session: fc.nat(5),
    view: fc.nat(2),
    seq: fc.integer({ min: 1, max: 4 }),
    user: fc.option(fc.constantFrom('ann', 'bob'), { nil: undefined }),
    end: fc.constantFrom(undefined, undefined, 'leave' as const),
    sessionEnd: fc.constantFrom(undefined, undefined, undefined, 'explicit' as const),
  })
  .map(({ session, view, seq, user, end, sessionEnd }): ReceivedView => {
    const lengthMs = seq * 10_000
    return received({
      ...{ viewId: id(`a${session}${view}`), sessionId: id(`5${session}`), seq, site: `site ${session % 2}` },
      ...{ totalMs: lengthMs, visibleMs: lengthMs, engagedMs: lengthMs, spans: [['engaged', 0, lengthMs]] },
      ...(user && { userId: user }),
      ...(end && { endReason: end }),
      ...(sessionEnd && { sessionEndReason: sessionEnd }),
    })
  })

test('what begins with a batch is kept as if it had been settled right after', async () => {
  const batches = fc.array(fc.array(arrival, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(batches, async (batches) => {
      const [inside, outside] = [createWorld({ keepsInside: true }), createWorld({ keepsInside: false })]
      for (const batch of batches) {
        expect(await inside.store.append(batch)).toEqual(await outside.store.append(batch))
        await Promise.all([inside.settle(), outside.settle()])
        expect(await inside.read()).toEqual(await outside.read())
        expect(bySession(inside.changes)).toEqual(bySession(outside.changes))
      }
    }),
  )
})

test('nothing of it is left to settle, and what comes later is', async () => {
  const { store, changes, read } = createWorld({ keepsInside: true })
  await store.append([received(), received({ viewId: id('a2') })])
  expect(await store.lastChange()).toBe(0)
  expect(changes).toMatchObject([{ session: { sessionId: id('5e'), totalMs: 60_000 }, before: undefined }])
  expect((await read()).sessions).toMatchObject([{ session_id: id('5e'), view_count: 2 }])

  await store.append([received({ viewId: id('a3') })])
  expect(await store.changedSessions(await store.lastChange(), 10)).toMatchObject([
    { views: [{}, {}, {}], kept: { status: 'open' } },
  ])
  expect(changes).toHaveLength(1)
})

test('a session that waits to be settled, left by a process without a keeper, does not begin again', async () => {
  const file = join(temporaryDirectory(), 'dwelltime.db')
  const before = openSqliteStore(file)
  await before.append([received()])
  await before.close()

  const changes: KeptChange[] = []
  const keeper: Keeper = { rules: DEFAULT_RULES, onKept: (kept) => changes.push(...kept) }
  const store = openSqliteStore(file, keeper)
  await store.append([received({ viewId: id('a2') })])
  expect(changes).toEqual([])
  await settle(store, keeper)
  expect(changes).toHaveLength(1)
  expect(await store.counters(['session_start_total'])).toMatchObject([{ value: 1 }])
  await store.close()
})

test('a batch that fails leaves nothing of the sessions that began with it, and tells nobody', async () => {
  const changes: KeptChange[] = []
  let isBroken = true
  const store = openSqliteStore(':memory:', {
    rules: DEFAULT_RULES,
    factsOf: () => {
      if (isBroken) throw new Error('the keeper is broken')
      return []
    },
    onKept: (kept) => changes.push(...kept),
  })
  await expect(store.append([received()])).rejects.toThrow('the keeper is broken')
  expect([await store.counters(), changes]).toEqual([[], []])
  isBroken = false
  expect(await store.append([received()])).toEqual(['stored'])
  expect(changes).toHaveLength(1)
})
