import { stateOf } from '../support/dwell.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { endedViews, expectTime } from '../support/stored.ts'

const refusals = {
  'throws, as where cookies are blocked': `IDBFactory.prototype.open = () => { throw new DOMException('The user denied permission', 'SecurityError') }`,
  'fails, as in some private windows': `const open = IDBFactory.prototype.open
      IDBFactory.prototype.open = function (name) {
        open.call(this, name, 2)
        return open.call(this, name, 1) // a VersionError
      }`,
  'never answers': `IDBFactory.prototype.open = () => new EventTarget()`,
  'is not there': `Object.defineProperty(window, 'indexedDB', { value: undefined })`,
}

for (const [how, refuse] of Object.entries(refusals)) {
  test(`time is kept in memory and arrives where IndexedDB ${how}`, async ({ collector, open, pages }) => {
    const head = `<script>{
      ${refuse}
      window.told = []
      window.dwelltimeOptions = { onError: (error) => window.told.push(error.message) }
    }</script>`
    const tab = await open(pages.url('/read', { head }))
    await poll(async () => (await stateOf(tab)).storage === 'memory', 'storage to be given up')
    const { lastError } = await stateOf(tab)
    const [told] = await tab.eval(() => (window as unknown as { told: string[] }).told)
    expect(told).toBeTruthy()
    expect(lastError).toContain(told)
    await tab.hide()
    await tab.show()
    await read(300)
    await tab.close()
    const shown = tab.shownTime()

    const [view, ...others] = await endedViews(collector, 1)
    expect(others).toEqual([])
    expectTime(view!.visibleMs, shown)
    const sessions = await collector.sessions()
    expect(sessions).toHaveLength(1)
  })
}
