import type { Dwell } from '../../src/index.ts'
import { stateOf } from '../support/dwell.ts'
import type { Tab } from '../support/engine.ts'
import { expect, poll, read } from '../support/fixtures.ts'
import { test } from '../support/gate.ts'
import { endedViews, expectTime } from '../support/stored.ts'

/** What the browser keeps for the origin of the page. */
const kept = (tab: Tab) =>
  tab.eval(async () => {
    const databases = (await indexedDB.databases()).map(({ name }) => name)
    return [...databases, ...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean)
  })

/** Neither Chromium nor WebKitGTK has a switch for it. */
const GPC = `<script>Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })</script>`

/** Read, hide, come back, read. */
async function visit(tab: Tab): Promise<void> {
  await read(1_200)
  await tab.hide()
  await read(300)
  await tab.show()
  await read(600)
}

test("storage: 'memory': the time arrives, and the browser keeps nothing", async ({ collector, gate, open, pages }) => {
  const options = { collector: gate.recordsUrl, storage: 'memory' }
  const tab = await open(pages.url('/read', { options }))
  await visit(tab)
  expect(await kept(tab)).toEqual([])
  await tab.close()
  const shown = tab.shownTime()

  const [view, ...others] = await endedViews(collector, 1)
  expect(others).toEqual([])
  expectTime(view!.visibleMs, shown)
  expect(JSON.stringify(gate.posted)).not.toContain('visitorId')
})

test('Global Privacy Control: the time arrives, of nobody, and the browser keeps nothing', async ({
  collector,
  gate,
  open,
  pages,
}) => {
  const options = { collector: gate.recordsUrl, userId: 'lovelace' }
  const tab = await open(pages.url('/read', { options, head: GPC }))
  await visit(tab)
  expect(await kept(tab)).toEqual([])
  await tab.close()

  expect(await endedViews(collector, 1)).toHaveLength(1)
  expect(JSON.stringify(gate.posted)).not.toMatch(/visitorId|userId|lovelace/)
})

test('consent pending, then denied: nothing was kept, and nothing was ever sent', async ({ gate, open, pages }) => {
  const options = { collector: gate.recordsUrl, consent: 'pending', userId: 'ada' }
  const tab = await open(pages.url('/read', { options }))
  await visit(tab)
  expect((await stateOf(tab)).visibleMs).toBeGreaterThan(1_000)
  expect(await kept(tab)).toEqual([])
  await tab.eval(() => (window.dwelltime as Dwell).setConsent('denied'))
  await visit(tab)
  expect((await stateOf(tab)).stands).toBe('stopped')
  expect(await kept(tab)).toEqual([])
  await tab.close()
  await read(1_000)
  expect(gate.posted).toEqual([])
})

test('consent pending, then granted: the time from the first moment on arrives', async ({
  collector,
  gate,
  open,
  pages,
}) => {
  const options = { collector: gate.recordsUrl, consent: 'pending' }
  const tab = await open(pages.url('/read', { options }))
  await visit(tab)
  expect(gate.posted).toEqual([])
  await tab.eval(() => (window.dwelltime as Dwell).setConsent('granted'))
  await read(600)
  await tab.close()
  const shown = tab.shownTime()

  const [view, ...others] = await endedViews(collector, 1)
  expect(others).toEqual([])
  expectTime(view!.visibleMs, shown)
})

test('optOut(): nothing more is sent, and what was kept is gone, also from under another tab', async ({
  collector,
  gate,
  open,
  pages,
}) => {
  const options = { collector: gate.recordsUrl }
  const other = await open(pages.url('/other', { options }))
  await read(600)
  const tab = await open(pages.url('/read', { options }))
  await read(600)
  expect(await kept(tab)).toEqual(['dwelltime'])
  await tab.eval(() => (window.dwelltime as Dwell).optOut())
  await poll(async () => !(await kept(tab)).length, 'the store to be gone')
  const posted = gate.posted.filter(({ records }) => records.some(({ path }) => path === '/read')).length
  await tab.close()
  await read(500)
  expect(gate.posted.filter(({ records }) => records.some(({ path }) => path === '/read'))).toHaveLength(posted)

  await other.show()
  await read(600)
  expect(await kept(other)).toEqual([])
  await other.close()
  expect((await endedViews(collector, 1)).some(({ path }) => path === '/other')).toBe(true)
})
