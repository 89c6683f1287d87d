import { agreedState, stateOf } from '../support/dwell.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { endedViews, expectTime } from '../support/stored.ts'

test.skip(({ form }) => form !== 'script', 'the store is the same in either form')

const refusals = {
  'throws, as where cookies are blocked': `IDBFactory.prototype.open = () => { throw new DOMException('The user denied permission', 'SecurityError') }`,
  'fails, as in some private windows': `const open = IDBFactory.prototype.open
      IDBFactory.prototype.open = function (name) {
        open.call(this, name, 2)
        return open.call(this, name, 1) // a VersionError
      }`,
  'never answers': `IDBFactory.prototype.open = () => new EventTarget()`,
  'is not there': `Object.defineProperty(window, 'indexedDB', { value: undefined })`,
  'is null': `Object.defineProperty(window, 'indexedDB', { value: null })`,
  'throws on access': `Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError') } })`,
  'has no room': `const { put } = IDBObjectStore.prototype
      IDBObjectStore.prototype.put = function (...entry) {
        const request = put.apply(this, entry)
        this.transaction.abort() // as it is when the quota is exceeded
        return request
      }`,
  'is blocked by a connection that does not let go': `const held = indexedDB.open('dwelltime')
      held.onsuccess = () => {
        window.held = held.result // else it is closed when it is collected
        indexedDB.deleteDatabase('dwelltime')
      }`,
}

for (const [how, refuse] of Object.entries(refusals)) {
  test(`time is kept in memory and arrives where IndexedDB ${how}`, async ({ collector, open, pages }) => {
    const head = `<script>{
      ${refuse}
      window.told = []
      window.dwelltimeOptions = { onError: (error) => window.told.push(error.message) }
    }</script>`
    const tab = await open(pages.url('/read', { head, scriptDelayMs: 300 }))
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

test('a connection that is lost midway is opened again, and the time arrives', async ({ collector, open, pages }) => {
  const head = `<script>{
    const { open } = IDBFactory.prototype
    IDBFactory.prototype.open = function (name) {
      const request = open.call(this, name)
      request.addEventListener('success', () => { window.connection = request.result })
      return request
    }
  }</script>`
  const tab = await open(pages.url('/read', { head }))
  await poll(() => tab.eval(() => 'connection' in window), 'the store to be open')
  await agreedState(tab)
  await tab.eval(() => {
    const page = window as unknown as { connection?: IDBDatabase }
    page.connection!.close() // as the browser does when site data is cleared
    delete page.connection
  })
  await tab.hide()
  await tab.show()
  await poll(() => tab.eval(() => 'connection' in window), 'the store to be open again')
  const { storage, lastError } = await agreedState(tab)
  expect({ storage, lastError }).toEqual({ storage: 'indexeddb', lastError: expect.stringMatching(/clos/i) })
  await tab.close()

  const [view, ...others] = await endedViews(collector, 1)
  expect(others).toEqual([])
  expectTime(view!.visibleMs, tab.shownTime())
})

test('in a frame without an origin of its own time is kept in memory, and arrives', async ({
  collector,
  open,
  pages,
}) => {
  pages.url('/framed')
  const frame = '<iframe sandbox="allow-scripts" src="/framed"></iframe>'
  const tab = await open(pages.url('/around', { form: 'none', head: `<body>${frame}` }))
  await read(600)
  await tab.close()
  const [view, ...others] = await endedViews(collector, 1)
  expect(others).toEqual([])
  expect(view!.path).toBe('/framed')
  expect(view!.visibleMs).toBeGreaterThan(300)
})
