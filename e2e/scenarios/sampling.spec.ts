import type { Dwell } from '../../src/index.ts'
import { agreedState, stateOf } from '../support/dwell.ts'
import { expect, read } from '../support/fixtures.ts'
import { test } from '../support/gate.ts'
import { endedViews, storedViews } from '../support/stored.ts'

test('at a sampling rate of 0 nothing is sent, and nothing stored on the device', async ({
  collector,
  gate,
  open,
  pages,
}) => {
  const options = { collector: gate.recordsUrl }
  const tab = await open(pages.url('/unsampled', { options: { ...options, samplingRate: 0 } }))
  await tab.input('key')
  await read(500)
  await tab.hide()
  await tab.show()
  await tab.eval(() => history.pushState(null, '', '/unsampled/too'))
  await tab.eval(() => (window.dwelltime as Dwell).flush())
  const { visibleMs, sampled } = await stateOf(tab)
  expect({ sampled, isMeasured: visibleMs > 0 }).toEqual({ sampled: false, isMeasured: true })
  expect(await tab.eval(() => indexedDB.databases())).toEqual([])
  expect(await tab.eval(() => ({ ...localStorage, ...sessionStorage, cookie: document.cookie }))).toEqual({
    cookie: '',
  })
  await tab.close()

  // What is sent after that has arrived, and is all there is.
  const sentinel = await open(pages.url('/sampled', { options }))
  await sentinel.close()
  await endedViews(collector, 1)
  expect((await storedViews(collector)).map((view) => view.path)).toEqual(['/sampled'])
  const posted = gate.posted.flatMap((envelope) => envelope.records)
  expect(new Set(posted.map((record) => record.path))).toEqual(new Set(['/sampled']))
})

test('at 0.5 a session is stored whole or not at all, and says the rate', async ({ collector, open, pages }) => {
  const options = { samplingRate: 0.5 }
  const tab = await open(pages.url('/blank', { form: 'none' }))
  const wanted: string[] = []
  for (let i = 0; i < 12; i++) {
    await tab.goto(pages.url(`/${i}/first`, { options }))
    const first = await agreedState(tab)
    await tab.goto(pages.url(`/${i}/second`, { options }))
    const second = await agreedState(tab)
    expect(second.sampled).toBe(first.sampled)
    if (first.sampled) wanted.push(`/${i}/first`, `/${i}/second`)
    await tab.eval(() => (window.dwelltime as Dwell).end())
    await agreedState(tab)
  }
  await tab.close()

  const views = await endedViews(collector, wanted.length)
  expect(views.map((view) => view.path)).toEqual(wanted)
  expect(new Set(views.map((view) => view.sessionId)).size).toBe(wanted.length / 2)
  expect(new Set(views.map((view) => view.samplingRate))).toEqual(new Set([0.5]))
})
