import type { ExtensibleDwell } from '../../src/extend.ts'
import type { Tab } from '../support/engine.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { endedViews } from '../support/stored.ts'

test.use({ isFull: true })

/** A page as high as so many viewports. */
const headOf = (viewports: number) => `<style>body { margin: 0 }</style><script>
  addEventListener('DOMContentLoaded', () => {
    document.body.innerHTML = '<main style="height: ${viewports * 100}vh"></main>'
  })
</script>`

const depthOf = (tab: Tab) => tab.eval(() => (window.dwelltime as ExtensibleDwell).getState().scrollDepth)

const scrollTo = (tab: Tab, viewports: number) => tab.eval((to) => window.scrollTo(0, to * innerHeight), viewports)

test('the deepest part of the page that was on screen is stored, of each view by itself', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/long', { head: headOf(4) }))
  await poll(async () => (await depthOf(tab)) === 0.25, 'the first quarter')
  await scrollTo(tab, 2)
  await poll(async () => (await depthOf(tab)) === 0.75, 'the third quarter')
  await scrollTo(tab, 0)
  await read(300)
  await tab.eval(() => history.pushState(null, '', '/long/on'))
  await poll(async () => (await depthOf(tab)) === 0.25, 'the first quarter of the next view')
  await scrollTo(tab, 3)
  await poll(async () => (await depthOf(tab)) === 1, 'the end')
  await tab.close()
  const views = await endedViews(collector, 2)
  expect(views.map(({ scrollDepth }) => scrollDepth)).toEqual([0.75, 1])
})

test('what is scrolled while nobody sees it does not count; a short page is seen whole', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/long', { head: headOf(4) }))
  await poll(async () => (await depthOf(tab)) === 0.25, 'the first quarter')
  await tab.hide()
  await scrollTo(tab, 2)
  await tab.eval(() => document.dispatchEvent(new Event('scroll')))
  await scrollTo(tab, 0)
  await tab.show()
  await read(300)
  await tab.close()
  const short = await open(pages.url('/short', { head: headOf(0.5) }))
  await poll(async () => (await depthOf(short)) === 1, 'all of it')
  await short.close()
  const views = await endedViews(collector, 2)
  expect(views.map(({ path, scrollDepth }) => [path, scrollDepth])).toEqual([
    ['/long', 0.25],
    ['/short', 1],
  ])
})
