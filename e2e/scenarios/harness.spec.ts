import { launchChromium } from '../support/chromium.ts'
import { test as base, expect, poll, read } from '../support/fixtures.ts'
import { type Pages, startPages } from '../support/pages.ts'
import { makeTempDir, removeDir } from '../support/process.ts'

// The harness itself, on pages without the SDK: what these tests could fool, would fool all others.
const test = base.extend<{ bare: Pages }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern.
  bare: async ({}, use) => {
    const pages = await startPages({ form: 'none' })
    await use(pages)
    pages.stop()
  },
})

test('a new tab is in front from its first script on; hiding and showing are real', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read'))
  const look = () => tab.eval(() => `${document.visibilityState}, focus ${document.hasFocus()}`)
  expect(await look()).toBe('visible, focus true')
  const entries = await tab.eval(() => performance.getEntriesByType('visibility-state').map((entry) => entry.name))
  expect(entries).toEqual(['visible'])

  await tab.hide()
  await poll(async () => (await look()) === 'hidden, focus false', 'the page to be hidden')
  await tab.show()
  await poll(async () => (await look()) === 'visible, focus true', 'the page to be shown')
  await tab.close()
})

test('the time in front is told by the acts, and the page agrees', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read'))
  const shown = await read(300)
  const other = await engine.open(bare.url('/other')) // hides the first
  await read(300)
  await tab.show()
  await read(300)
  await tab.hide()
  const { leastMs, mostMs } = tab.shownTime()
  expect(leastMs).toBeGreaterThan(shown + 300)
  expect(mostMs).toBeGreaterThan(leastMs)

  const seenByPage = await tab.eval(() => {
    const changes = performance.getEntriesByType('visibility-state')
    const end = performance.now()
    return changes.reduce((sum, { name, startTime }, i) => {
      return name === 'visible' ? sum + (changes[i + 1]?.startTime ?? end) - startTime : sum
    }, 0)
  })
  // The browser tells the page a little after it has answered us.
  expect(seenByPage).toBeGreaterThan(leastMs - 100)
  expect(seenByPage).toBeLessThan(mostMs + 100)
  await tab.close()
  await other.close()
})

test('every gesture is trusted input that reaches the page', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read'))
  await tab.eval(() => {
    const seen: string[] = []
    const types = ['mousemove', 'mousedown', 'keydown', 'wheel']
    for (const type of types) addEventListener(type, (event) => seen.push(`${type} ${event.isTrusted}`))
    Object.assign(window, { seen })
  })
  const seen = () => tab.eval(() => (window as unknown as { seen: string[] }).seen)
  const cases = [
    ['move', 'mousemove true'],
    ['click', 'mousedown true'],
    ['key', 'keydown true'],
    ['wheel', 'wheel true'],
  ] as const
  for (const [gesture, event] of cases) {
    await tab.input(gesture)
    await poll(async () => (await seen()).includes(event), `${gesture} to arrive as ${event}`)
  }
  expect((await seen()).filter((event) => event.endsWith('false'))).toEqual([])
  await tab.close()
})

test('what a page does not catch is reported, even while it closes', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read'))
  await tab.eval(() => {
    setTimeout(() => {
      throw new Error('thrown')
    })
    Promise.reject(new Error('rejected'))
    addEventListener('pagehide', () => {
      throw new Error('too late')
    })
  })
  await poll(() => bare.errors.length === 2, 'two reports')
  await tab.close()
  await poll(() => bare.errors.length === 3, 'the report of the closed page')
  for (const text of ['thrown', 'rejected', 'too late']) expect(bare.errors.join()).toContain(text)
})

test('a script that cannot be loaded is reported', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read'))
  await tab.eval(() => {
    document.head.append(Object.assign(document.createElement('script'), { src: 'http://127.0.0.1:1/nothing.js' }))
  })
  await poll(() => bare.errors.some((error) => error.includes('cannot load')), 'the report')
  await tab.close()
})

test('a page that was left is kept in the back/forward cache, and comes back from it', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read'))
  await tab.eval(() => {
    Object.assign(window, { kept: true })
  })
  await tab.goto(bare.url('/next'))
  await tab.back()
  await poll(() => tab.eval(() => location.pathname === '/read' && 'kept' in window), 'the page as it was left')
  await tab.close()
})

test('a profile outlives a killed browser', async ({ bare }) => {
  const databases = () => indexedDB.databases().then((all) => all.map(({ name }) => name))
  const profile = await makeTempDir('profile')
  const first = await launchChromium({ profile })
  const before = await first.open(bare.url('/read'))
  await before.eval(
    () =>
      new Promise((resolve) => {
        indexedDB.open('here').onsuccess = resolve
      }),
  )
  await first.kill()

  const second = await launchChromium({ profile })
  const after = await second.open(bare.url('/read'))
  expect(await after.eval(databases)).toEqual(['here'])
  await second.stop()
  await removeDir(profile)
})

test('reading takes as long as it says', async () => {
  const elapsed = await read(100)
  expect(elapsed).toBeGreaterThan(99)
  expect(elapsed).toBeLessThan(1_000)
})
