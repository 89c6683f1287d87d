import type { ViewRecord } from '../../src/protocol/record.ts'
import { stateOf } from '../support/dwell.ts'
import { expect, poll, read } from '../support/fixtures.ts'
import { type GateState, test } from '../support/gate.ts'
import { endedViews, expectTime, storedViews } from '../support/stored.ts'

test('what was read while the collector was down arrives with the next page', async ({ collector, open, pages }) => {
  await collector.kill()
  const tab = await open(pages.url('/alone'))
  await read(800)
  await tab.input('key')
  const shown = tab.shownTime()
  await tab.close()

  await collector.restart()
  expect(await collector.sessions()).toEqual([])
  const next = await open(pages.url('/next'))
  const [view] = await poll(async () => {
    const views = await storedViews(collector)
    return views[0]?.path === '/alone' && views
  }, 'the view of the closed page')
  expectTime(view!.visibleMs, shown)
  await next.close()

  const views = await endedViews(collector, 2)
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
    const shown = tab.shownTime()
    await tab.close()

    const [ended, ...others] = await endedViews(collector, 1)
    expect(others).toEqual([])
    expect(ended!.viewId).toBe(view!.viewId)
    expectTime(ended!.visibleMs, shown)
  })

  test(`${promise}, even by a page that comes later`, async ({ collector, gate, open, pages }) => {
    const options = { collector: gate.recordsUrl }
    gate.state = state
    const tab = await open(pages.url('/read', { options }))
    await read(500)
    const shown = tab.shownTime()
    await tab.close()
    const isLast = ({ endReason, state }: ViewRecord) => endReason || state === 'hidden'
    await poll(() => gate.posted.some(({ records }) => isLast(records[0]!)), 'the beacon of the closed page')
    expect(await collector.sessions()).toEqual([])

    gate.state = 'open'
    const next = await open(pages.url('/next', { options }))
    await endedViews(collector, 1)
    await next.close()
    const views = await endedViews(collector, 2)
    expect(views.map((view) => view.path)).toEqual(['/read', '/next'])
    expectTime(views[0]!.visibleMs, shown)
  })
}
