import type { ViewRecord } from 'dwelltime/protocol'
import { describe, expect, test } from 'vitest'
import { createCollector } from '../support/collector.ts'
import { id, received, START } from '../support/records.ts'
import { collectOn, exactly, HOUR, MINUTE, TODAY, visit } from '../support/visits.ts'
import type { StoreUnderTest } from './keeping.contract.ts'

export function receptionContract(name: string, open: () => Promise<StoreUnderTest>): void {
  const collect = collectOn(open)

  describe(`${name}: what was received`, () => {
    test('repeated, late and by beacon: told apart, and in no number twice', async () => {
      const { store } = await open()
      const { clock, send, report } = createCollector(store)
      clock.now = START + HOUR
      const record = visit(START, 10_000)
      await send([{ ...record, seq: 2 }], { via: 'beacon' })
      await send([{ ...record, seq: 2 }]) // resent by design
      await send([{ ...record, seq: 2 }], { via: 'beacon' }) // a duplicate
      await send([record]) // late
      await send([{ ...record, startedAt: 0 }]) // set aside
      const facts = Object.fromEntries((await report('data-quality', TODAY)).map(({ fact, amount }) => [fact, amount]))
      expect(facts).toMatchObject({
        records_accepted: 4,
        records_resent: 1,
        records_duplicate: 1,
        records_late: 1,
        records_rejected_implausible: 1,
        views: 1,
        views_captured_at_exit: 1,
        sessions: 1,
      })
      expect(await report('overview', TODAY)).toMatchObject([{ views: exactly(1), sessions: exactly(1) }])
    })

    test('of batches that are handed over together, the second knows of the first', async () => {
      const { store } = await open()
      const view = received({ viewId: id('1') })
      const batches = await Promise.all([store.append([view]), store.append([view, received({ viewId: id('2') })])])
      expect(batches).toEqual([['stored'], ['duplicate', 'stored']])
    })

    test('in any order, in any portions, as often as may be: the same answers', async () => {
      const records = [1, 2, 3, 4, 5, 6].flatMap((digit) => {
        const whole = visit(START + digit * MINUTE, digit * 10_000, {
          sessionId: id(`5${digit % 2}`),
          path: `/${digit}`,
        })
        const half = { totalMs: digit * 5_000, visibleMs: digit * 5_000, engagedMs: digit * 5_000 }
        return [{ ...whole, ...half, spans: [['engaged', 0, digit * 5_000]] } as ViewRecord, { ...whole, seq: 2 }]
      })
      async function answers(...portions: ViewRecord[][]) {
        const { report, send, client } = await collect()
        for (const portion of portions) await send(portion)
        const filter = { ...TODAY, page: '/*' }
        return [
          ...(await Promise.all([report('overview', filter), report('pages', filter), report('breaks', filter)])),
          await client.sessionDuration(TODAY),
        ]
      }
      const expected = await answers(records)
      expect(expected[0]).toMatchObject([{ views: exactly(6), sessions: exactly(2) }])
      const backwards = records.toReversed()
      expect(await answers(backwards.slice(0, 5), backwards, backwards.slice(3), records)).toEqual(expected)
      expect(await answers(...records.map((record) => [record, record]))).toEqual(expected)
    })
  })
}
