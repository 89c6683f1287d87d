import { describe, expect, test } from 'vitest'
import type { Keeping, KeptSession, Store } from '../../src/store/store.ts'
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
  ...changes,
})

const keeping = (position: number, changes: Partial<KeptSession> = {}, counts: Keeping['counts'] = []): Keeping => ({
  position,
  session: session(changes),
  counts,
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
      expect((await changesOf(reopened))[0]!.kept).toEqual({ site: 'docs', componentName: 'docs', status: 'open' })
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
