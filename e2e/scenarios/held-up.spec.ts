import type { Dwell } from '../../src/index.ts'
import type { ChromiumTab } from '../support/chromium.ts'
import { stateOf } from '../support/dwell.ts'
import { arrived, type Tab } from '../support/engine.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { storedViews } from '../support/stored.ts'

/** A store that is held up is not waited for longer than a second, twice; then it is memory. */
async function expectQuickFlush(tab: Tab): Promise<void> {
  const ms = await tab.eval(async () => {
    const from = performance.now()
    await (window.dwelltime as Dwell).flush()
    return performance.now() - from
  })
  expect(await stateOf(tab)).toMatchObject({ storage: 'indexeddb' })
  expect(ms).toBeLessThan(1_000)
}

test('a frozen page holds up no other tab', async ({ collector, engine, open, pages }) => {
  test.skip(engine.name !== 'chromium', 'only Chromium freezes pages')
  for (const path of ['/one', '/two', '/three']) {
    const { page, ...tab } = (await open(pages.url(path))) as ChromiumTab
    await read(300)
    await tab.input('key')
    const session = await page.context().newCDPSession(page)
    // Hides it first: it is frozen in the middle of what hiding has begun.
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    const other = await open(pages.url('/other'))
    await expectQuickFlush(other)
    await poll(async () => (await storedViews(collector)).some((view) => view.path === path), `the view of ${path}`)
    await other.close()
    await tab.close()
  }
})

test('a page that the browser keeps holds up no other tab, and nothing of ours keeps it from coming back', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/first'))
  await tab.eval(() => {
    Object.assign(window, { kept: true })
  })
  await read(300)
  await tab.input('key')
  await tab.click('#next')
  await arrived(tab, '/next')
  const other = await open(pages.url('/other'))
  await expectQuickFlush(other)
  await poll(async () => (await storedViews(collector)).some((view) => view.path === '/first'), 'the view of /first')
  await other.close()

  await tab.back()
  await poll(() => tab.eval(() => location.pathname === '/first'), 'the first page')
  expect(await tab.eval(() => 'kept' in window)).toBe(true)
  const notRestored = await tab.eval(() => {
    const [entry] = performance.getEntriesByType('navigation') as { notRestoredReasons?: unknown }[]
    return entry!.notRestoredReasons ?? 'none'
  })
  expect(notRestored).toBe('none')
})
