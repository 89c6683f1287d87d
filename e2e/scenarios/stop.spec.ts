import type { Dwell } from '../../src/index.ts'
import { stateOf } from '../support/dwell.ts'
import { expect, read } from '../support/fixtures.ts'
import { test } from '../support/gate.ts'
import { endedViews, expectTime } from '../support/stored.ts'

test('time ends with stop(), and nothing that happens later is told', async ({ collector, gate, open, pages }) => {
  const options = { collector: gate.recordsUrl, heartbeatInterval: 0.2 }
  const tab = await open(pages.url('/read', { options }))
  await read(500)
  const { leastMs } = tab.shownTime()
  await tab.eval(() => (window.dwelltime as Dwell).stop())
  const { mostMs } = tab.shownTime()
  const [stopped] = await endedViews(collector, 1)
  expect(stopped).toMatchObject({ path: '/read', endReason: 'stop' })
  expectTime(stopped!.visibleMs, { leastMs, mostMs })
  expect(await stateOf(tab)).toMatchObject({ stands: 'stopped' })

  const posts = gate.posted.length
  await tab.input('key')
  await read(500) // more than a heartbeat
  await tab.hide()
  await tab.show()
  await tab.eval(() => history.pushState(null, '', '/read/on'))
  await tab.input('wheel')
  await tab.close()
  expect(gate.posted).toHaveLength(posts)

  const sentinel = await open(pages.url('/later', { options }))
  await read(300)
  await sentinel.close()
  const views = await endedViews(collector, 2)
  expect(views.map((view) => view.path)).toEqual(['/read', '/later'])
  expect(views[0]).toMatchObject({ seq: stopped!.seq, visibleMs: stopped!.visibleMs })
  const late = gate.posted.slice(posts).flatMap(({ records }) => records)
  expect(late.filter(({ path, seq }) => path !== '/later' && seq !== stopped!.seq)).toEqual([])
})
