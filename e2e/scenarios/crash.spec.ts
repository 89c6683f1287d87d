import type { ChromiumTab } from '../support/chromium.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { storedViews } from '../support/stored.ts'

test('the time of a page whose process crashes arrives, though nobody comes back', async ({
  collector,
  engine,
  open,
  pages,
}) => {
  test.skip(engine.name !== 'chromium', 'only Chromium sends for a page that is gone (fetchLater)')
  const { page, ...tab } = (await open(pages.url('/read'))) as ChromiumTab
  await read(2_000)
  await tab.input('key')
  await read(500)
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  session.send('Page.crash').catch(() => {}) // nobody is left to answer
  await crashed
  const readMs = tab.shownTime().leastMs

  const view = await poll(async () => {
    const views = await storedViews(collector)
    return views.find((one) => one.visibleMs > 1_500)
  }, 'the view')
  expect(view.visibleMs).toBeGreaterThan(Math.min(readMs - 600, readMs * 0.92))
})
