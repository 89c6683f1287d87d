import { describe, expect, test } from 'vitest'
import type { Fact, Keeping, KeptSession, Store } from '../../src/store/store.ts'
import { id, received, START } from '../support/records.ts'

/** What every store does alike. `reopen` closes the store and opens what it left. */
export interface StoreUnderTest {
  store: Store
  reopen: () => Promise<Store>
}

const session = (changes: Partial<KeptSession> = {}): KeptSession => ({
  sessionId: id('5e'),
  site: 'docs',
  client: 'ScriptTag',
  userId: null,
  visitorId: 'visitor-1',
  people: ['visitor-1'],
  startedAt: START,
  endedAt: START + 60_000,
  lastActivityAt: START + 60_000,
  durationMs: 60_000,
  totalMs: 60_000,
  visibleMs: 60_000,
  engagedMs: 60_000,
  samplingRate: 0.3,
  viewCount: 1,
  entryPath: '/learn/algebra',
  exitPath: '/learn/algebra',
  pageGroup: '',
  referrer: '',
  campaign: '',
  device: 'desktop',
  isBot: false,
  skewMs: 0,
  breaks: [],
  tenths: [],
  status: 'open',
  endReason: null,
  componentName: 'docs',
  aliveUntil: START + 1_000,
  heartbeatMs: 0,
  countedMs: 0,
  countedViews: [],
  ...changes,
})

const keeping = (position: number, changes: Partial<KeptSession> = {}, counts: Keeping['counts'] = []): Keeping => ({
  position,
  session: session(changes),
  counts,
  facts: [],
})

const changesOf = async (store: Store) => store.changedSessions(await store.lastChange(), 100)

export function keepingContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name}: views`, () => {
    test('the highest seq of a view is kept, exactly as sent', async () => {
      const { store } = await open()
      const newest = received({ seq: 3, title: 'Ü "quoted" \u2028 🎓' }, { skewMs: null })
      expect(await store.append([received({ seq: 2 })])).toEqual(['stored'])
      expect(await store.append([received({ seq: 2, totalMs: 99_000 }), newest, received({ seq: 1 })])).toEqual([
        'duplicate',
        'stored',
        'late',
      ])
      expect(await changesOf(store)).toEqual([
        { position: expect.any(Number), views: [newest], kept: undefined, isRemeasure: false },
      ])
    })

    test('a view stays in its session', async () => {
      const { store } = await open()
      await store.append([received()])
      expect(await store.append([received({ seq: 2, sessionId: id('0dd') })])).toEqual(['conflict'])
      expect((await changesOf(store)).map((change) => change.views)).toEqual([[received()]])
    })

    test('a batch that fails leaves nothing', async () => {
      const { store } = await open()
      const broken = received({ viewId: id('b'), path: null as unknown as string })
      await expect(store.append([received(), broken])).rejects.toThrow()
      expect(await changesOf(store)).toEqual([])
      expect(await store.append([received()])).toEqual(['stored'])
    })

    test('what was appended is there after reopening', async () => {
      const { store, reopen } = await open()
      await store.append([received()])
      expect((await changesOf(await reopen())).map((change) => change.views)).toEqual([[received()]])
    })
  })

  describe(`${name}: changes`, () => {
    test('are told oldest first, each session once, up to a position', async () => {
      const { store } = await open()
      expect(await store.lastChange()).toBe(0)
      await store.append([received({ viewId: id('1'), sessionId: id('51') })])
      await store.append([received({ viewId: id('2'), sessionId: id('52') })])
      const upTo = await store.lastChange()
      await store.append([received({ viewId: id('3'), sessionId: id('51') })])

      const before = await store.changedSessions(upTo, 10)
      expect(before.map((change) => change.views[0]!.record.sessionId)).toEqual([id('52')])
      const all = await changesOf(store)
      expect(all.map((change) => change.views.length)).toEqual([1, 2])
      expect(await store.changedSessions(await store.lastChange(), 1)).toEqual([all[0]])
    })

    test('are over when they are kept, with their counts', async () => {
      const { store, reopen } = await open()
      await store.append([received()])
      const position = await store.lastChange()
      const count = { name: 'starts', labels: { b: '2', a: '1' }, value: 1 }
      await store.keep([keeping(position, {}, [count, { ...count, value: 0.5 }])])

      expect(await changesOf(store)).toEqual([])
      expect(await store.counters()).toEqual([{ name: 'starts', labels: { a: '1', b: '2' }, value: 1.5 }])
      const reopened = await reopen()
      expect(await reopened.counters()).toEqual([{ name: 'starts', labels: { a: '1', b: '2' }, value: 1.5 }])
      await reopened.append([received({ seq: 2 })])
      expect((await changesOf(reopened))[0]!.kept).toEqual({
        ...{ site: 'docs', componentName: 'docs', status: 'open', countedMs: 0, countedViews: [] },
        ...{ durationMs: 60_000, totalMs: 60_000, visibleMs: 60_000, engagedMs: 60_000 },
      })
    })

    test('that were kept, or changed again, are not kept a second time', async () => {
      const { store } = await open()
      const count = { name: 'starts', labels: {}, value: 1 }
      await store.append([received()])
      const first = await store.lastChange()
      await store.append([received({ seq: 2 })])
      await store.keep([keeping(first, {}, [count])])
      expect(await store.counters()).toEqual([])

      const second = await store.lastChange()
      await store.keep([keeping(second, {}, [count])])
      await store.append([received({ seq: 3 })])
      expect(await store.lastChange()).toBeGreaterThan(second)
      await store.keep([keeping(second, {}, [count])])
      expect(await store.counters()).toEqual([{ ...count }])
      expect(await changesOf(store)).toHaveLength(1)
    })
  })

  describe(`${name}: what the counters have`, () => {
    test('is kept with the session', async () => {
      const { store, reopen } = await open()
      await store.append([received()])
      await store.keep([keeping(await store.lastChange(), { countedMs: 1_234, countedViews: ['a1', 'b2'] })])
      const reopened = await reopen()
      await reopened.append([received({ seq: 2 })])
      expect((await changesOf(reopened))[0]!.kept).toMatchObject({ countedMs: 1_234, countedViews: ['a1', 'b2'] })
    })

    test('can be asked for by name', async () => {
      const { store } = await open()
      await store.append([received()])
      const counts = ['starts', 'ends'].map((name) => ({ name, labels: {}, value: 1 }))
      await store.keep([keeping(await store.lastChange(), {}, counts)])
      expect(await store.counters(['ends', 'none'])).toEqual([{ name: 'ends', labels: {}, value: 1 }])
      expect(await store.counters()).toHaveLength(2)
    })
  })

  describe(`${name}: facts`, () => {
    const fact = (id: string, changes: Partial<Fact> = {}): Fact => ({
      ...{ id, kind: 'alert', at: START, sessionId: '', person: '', body: '{"a":1}' },
      ...changes,
    })
    const count = { name: 'ends', labels: { status: 'success' }, value: 1 }

    test('happen once, with their counts, and are open until they are closed, once', async () => {
      const { store, reopen } = await open()
      expect(await store.addFact(fact('2', { at: START + 1 }), [count])).toBe(true)
      expect(await store.addFact(fact('1'))).toBe(true)
      expect(await store.addFact(fact('2'), [count])).toBe(false)
      expect(await store.addFact(fact('3', { kind: 'component' }))).toBe(true)
      expect(await store.openFacts('alert', 10)).toEqual([fact('1'), fact('2', { at: START + 1 })])
      expect(await store.openFacts('alert', 1)).toHaveLength(1)
      expect(await store.counters()).toEqual([count])

      const reopened = await reopen()
      expect(await reopened.closeFact('1', [count])).toBe(true)
      expect(await reopened.closeFact('1', [count])).toBe(false)
      expect(await reopened.closeFact('none', [count])).toBe(false)
      expect(await reopened.addFact(fact('1'), [count])).toBe(false)
      expect((await reopened.openFacts('alert', 10)).map(({ id }) => id)).toEqual(['2'])
      expect(await reopened.fact('1')).toEqual(fact('1'))
      expect(await reopened.fact('none')).toBeUndefined()
      expect(await reopened.counters()).toEqual([{ ...count, value: 2 }])
    })

    test('of a session are saved with it, or not at all', async () => {
      const { store } = await open()
      await store.append([received()])
      const position = await store.lastChange()
      const withFact = { ...keeping(position), facts: [fact('1', { sessionId: id('5e') })] }
      expect(await store.keep([withFact, { ...withFact, position: position + 99 }])).toEqual([position])
      expect(await store.keep([{ ...withFact, facts: [fact('2')] }])).toEqual([])
      expect((await store.openFacts('alert', 10)).map(({ id }) => id)).toEqual(['1'])
    })

    test('go with whom they are about, and closed ones in time', async () => {
      const { store } = await open()
      await store.append([received({ userId: 'ann' })])
      const facts = [fact('1', { sessionId: id('5e') }), fact('2', { person: 'ann' }), fact('3', { person: 'bob' })]
      await store.keep([{ ...keeping(await store.lastChange(), { people: ['ann'] }), facts }])
      await store.addFact(fact('4'))
      await store.closeFact('4')
      await store.deleteUser('ann', START)
      expect((await store.openFacts('alert', 10)).map(({ id }) => id)).toEqual(['3'])
      const nothingOld = { sessionsFrom: 0, asideFrom: 0, intakeFrom: 0, tombstonesFrom: 0 }
      await store.prune({ ...nothingOld, factsFrom: START + 1 }, 10)
      expect(await store.fact('3')).toBeDefined()
      expect(await store.fact('4')).toBeUndefined()
    })
  })

  describe(`${name}: quiet sessions`, () => {
    async function keepOpen(store: Store, changes: Partial<KeptSession> = {}) {
      await store.append([received()])
      await store.keep([keeping(await store.lastChange(), changes)])
    }

    test('are marked when grace and heartbeat have passed, once', async () => {
      const { store } = await open()
      await keepOpen(store, { aliveUntil: START, heartbeatMs: 700 })
      expect(await store.markQuiet(START + 699, 500, 10)).toEqual([])
      expect(await store.markQuiet(START + 700, 701, 10)).toEqual([])
      const marks = await store.markQuiet(START + 700, 700, 10)
      expect((await changesOf(store)).map((change) => change.position)).toEqual(marks)
      expect(marks).toHaveLength(1)
      expect(await store.markQuiet(START + 700, 700, 10)).toEqual([])
    })

    test('are none that ended, and none that just changed', async () => {
      const { store } = await open()
      await keepOpen(store, { status: 'success', endReason: 'max' })
      expect(await store.markQuiet(START + 9_000, 0, 10)).toEqual([])

      const { store: other } = await open()
      await keepOpen(other)
      await other.append([received({ seq: 2 })])
      expect(await other.markQuiet(START + 9_000, 0, 10)).toEqual([])
    })

    test('come in portions, the longest quiet first', async () => {
      const { store } = await open()
      for (const [digits, aliveUntil] of [
        ['51', START + 2],
        ['52', START + 1],
        ['53', START + 3],
      ] as const) {
        await store.append([received({ viewId: id(digits), sessionId: id(digits) })])
        await store.keep([keeping(await store.lastChange(), { sessionId: id(digits), aliveUntil })])
      }
      expect(await store.markQuiet(START + 9_000, 0, 2)).toHaveLength(2)
      expect((await changesOf(store)).map((change) => change.views[0]!.record.sessionId)).toEqual([id('52'), id('51')])
    })
  })
}
