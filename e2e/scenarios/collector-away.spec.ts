import type { ViewRecord } from '../../src/protocol/record.ts'
import { stateOf } from '../support/dwell.ts'
import type { Engine } from '../support/engine.ts'
import { expect, poll, read } from '../support/fixtures.ts'
import { type GateState, test } from '../support/gate.ts'
import type { ShownTime } from '../support/shown-time.ts'
import { endedViews, expectTime, storedViews } from '../support/stored.ts'

/**
 * What a page that is gone had stored: all of its time, or, where the last put is lost, up to the last checkpoint, which
 * was written a quarter of a second before.
 */
const asStored = ({ leastMs, mostMs }: ShownTime, { keepsLastPut }: Engine): ShownTime => ({
  leastMs: keepsLastPut ? leastMs : leastMs - CHECKPOINT_MS,
  mostMs,
})
const CHECKPOINT_MS = 350 // and its delay on a busy machine

test('what was read while the collector was down arrives with the next page', async ({
  collector,
  engine,
  open,
  pages,
}) => {
  await collector.kill()
  const tab = await open(pages.url('/alone'))
  await read(800)
  await tab.input('key')
  await tab.close()
  const shown = tab.shownTime()

  await collector.restart()
  expect(await collector.sessions()).toEqual([])
  const next = await open(pages.url('/next'))
  const [view] = await poll(async () => {
    const views = await storedViews(collector)
    return views[0]?.path === '/alone' && views
  }, 'the view of the closed page')
  expectTime(view!.visibleMs, asStored(shown, engine))
  await next.close()

  const views = await poll(async () => {
    const all = await storedViews(collector)
    return all.length === 2 && all[1]!.endReason && all
  }, 'the end of the next page')
  if (engine.keepsLastPut) expect(views[0]!.endReason).toBe('leave')
  expect(views.map((view) => view.path)).toEqual(['/alone', '/next'])
  expect(new Set(views.map((view) => view.sessionId)).size).toBe(1)
})

const refusals: [GateState, string][] = [
  ['failing', 'a collector that fails is asked again until it has stored the time'],
  ['portal', 'a page of the network in place of an answer is not taken for one'],
]

for (const [state, promise] of refusals) {
  test(promise, async ({ collector, gate, open, pages }) => {
    gate.state = state
    const tab = await open(pages.url('/read', { options: { collector: gate.recordsUrl } }))
    await poll(() => gate.posted.length > 0, 'the first try')
    await tab.hide()
    await tab.show()
    await poll(() => gate.posted.length > 2, 'a beacon and another try')
    expect(await collector.sessions()).toEqual([])
    expect(await stateOf(tab)).toMatchObject({ storage: 'indexeddb' })

    gate.state = 'open'
    const [view] = await poll(async () => {
      const views = await storedViews(collector)
      return views.length && views
    }, 'the view, by itself')
    await tab.close()
    const shown = tab.shownTime()

    const [ended, ...others] = await endedViews(collector, 1)
    expect(others).toEqual([])
    expect(ended!.viewId).toBe(view!.viewId)
    expectTime(ended!.visibleMs, shown)
  })

  test(`${promise}, even by a page that comes later`, async ({ collector, engine, gate, open, pages }) => {
    const options = { collector: gate.recordsUrl }
    gate.state = state
    const tab = await open(pages.url('/read', { options }))
    await read(500)
    await tab.close()
    const shown = tab.shownTime()
    const isLast = ({ endReason, state }: ViewRecord) => endReason || state === 'hidden'
    await poll(() => gate.posted.some(({ records }) => isLast(records[0]!)), 'the beacon of the closed page')
    expect(await collector.sessions()).toEqual([])

    gate.state = 'open'
    const next = await open(pages.url('/next', { options }))
    const both = async () => {
      const views = await storedViews(collector)
      return views.length === 2 && views
    }
    await poll(both, 'both views')
    await next.close()
    const views = await poll(async () => {
      const [first, last] = (await both()) || []
      return last?.endReason && [first!, last]
    }, 'the end of the next page')
    expect(views.map((view) => view.path)).toEqual(['/read', '/next'])
    expectTime(views[0]!.visibleMs, asStored(shown, engine))
    if (engine.keepsLastPut) expect(views[0]!.endReason).toBe('leave')
  })
}
