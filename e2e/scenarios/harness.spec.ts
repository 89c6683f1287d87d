import type { Tab } from '../support/engine.ts'
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

/** Keeps what the page is told of its visibility, from its first script on: [state, when, in ms since it began]. */
const WATCH_VISIBILITY = `<script>
  window.states = [[document.visibilityState, 0]]
  document.addEventListener('visibilitychange', () => states.push([document.visibilityState, performance.now()]))
</script>`

type States = [DocumentVisibilityState, number][]

const statesOf = (tab: Tab) => tab.eval(() => (window as unknown as { states: States }).states)

test('a new tab is in front from its first script on; hiding and showing are real', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read', { head: WATCH_VISIBILITY }))
  const look = () => tab.eval(() => `${document.visibilityState}, focus ${document.hasFocus()}`)
  await poll(async () => (await look()) === 'visible, focus true', 'the page to be in front')

  await tab.hide()
  await poll(async () => (await look()) === 'hidden, focus false', 'the page to be hidden')
  await tab.show()
  await poll(async () => (await look()) === 'visible, focus true', 'the page to be shown')
  expect((await statesOf(tab)).map(([state]) => state)).toEqual(['visible', 'hidden', 'visible'])
  await tab.close()
})

test('the time in front is told by the acts, and the page agrees', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read', { head: WATCH_VISIBILITY }))
  const shown = await read(300)
  const other = await engine.open(bare.url('/other')) // hides the first
  await read(300)
  await tab.show()
  await read(300)
  await tab.hide()
  const { leastMs, mostMs } = tab.shownTime()
  expect(leastMs).toBeGreaterThan(shown + 300)
  expect(mostMs).toBeGreaterThan(leastMs)

  await poll(() => tab.eval(() => document.hidden), 'the page to be hidden')
  const states = await statesOf(tab)
  expect(states.map(([state]) => state)).toEqual(['visible', 'hidden', 'visible', 'hidden'])
  const [, firstHidden, shownAgain, lastHidden] = states.map(([, at]) => at)
  const seenByPage = firstHidden! + lastHidden! - shownAgain!
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

test('a page opened behind another is hidden from its first script on', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read', { head: WATCH_VISIBILITY }))
  const behind = await tab.openBehind('#next')
  expect((await statesOf(behind)).map(([state]) => state)).toEqual(['hidden'])
  expect(behind.shownTime()).toEqual({ leastMs: 0, mostMs: 0 })
  await behind.show()
  await poll(() => tab.eval(() => document.hidden), 'the first page to be hidden')
  await behind.close()
  await tab.close()
})

test('a suspended browser is told of nothing, and both clocks of a page go on without it', async ({ engine, bare }) => {
  const tab = await engine.open(bare.url('/read', { head: WATCH_VISIBILITY }))
  await tab.eval(() => {
    const longest = { performance: 0, date: 0 }
    let [now, wall] = [performance.now(), Date.now()]
    setInterval(() => {
      longest.performance = Math.max(longest.performance, performance.now() - now)
      longest.date = Math.max(longest.date, Date.now() - wall)
      ;[now, wall] = [performance.now(), Date.now()]
    }, 50)
    Object.assign(window, { longest })
  })
  const longest = () =>
    tab.eval(() => (window as unknown as { longest: { performance: number; date: number } }).longest)
  expect(engine.pids().length).toBeGreaterThan(2)
  await engine.suspend()
  const away = await read(2_000)
  await engine.resume()
  const gap = await poll(async () => {
    const { performance, date } = await longest()
    return performance > 1_500 && { performance, date }
  }, 'the gap')
  for (const ms of [gap.performance, gap.date]) {
    expect(ms).toBeGreaterThan(away - 100)
    expect(ms).toBeLessThan(away + 1_000) // it wakes up slowly on a busy machine
  }
  expect(Math.abs(gap.performance - gap.date)).toBeLessThan(50)
  expect((await statesOf(tab)).map(([state]) => state)).toEqual(['visible'])
  await tab.close()
})

test('a killed browser says nothing, and leaves no process behind', async ({ driver, bare }) => {
  const engine = await driver.launch()
  const tab = await engine.open(bare.url('/read'))
  await tab.eval(() => {
    const report = () => navigator.sendBeacon('/__error', 'told of the end')
    for (const type of ['pagehide', 'visibilitychange', 'blur']) addEventListener(type, report, true)
  })
  const pids = engine.pids()
  await engine.kill()
  await poll(() => pids.every(isGone), 'all processes to be gone')
  expect(bare.errors).toEqual([])
})

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

test.describe('with a profile', () => {
  test.skip(({ driver }) => !driver.launchWith, 'each start of this engine under automation is a new browser')

  test('a profile outlives a killed browser', async ({ bare, driver }) => {
    const databases = () => indexedDB.databases().then((all) => all.map(({ name }) => name))
    const profile = await makeTempDir('profile')
    const first = await driver.launchWith!(profile)
    const before = await first.open(bare.url('/read'))
    await before.eval(
      () =>
        new Promise((resolve) => {
          indexedDB.open('here').onsuccess = resolve
        }),
    )
    await first.kill()

    const second = await driver.launchWith!(profile)
    const after = await second.open(bare.url('/read'))
    expect(await after.eval(databases)).toEqual(['here'])
    await second.stop()
    await removeDir(profile)
  })
})

test('reading takes as long as it says', async () => {
  const elapsed = await read(100)
  expect(elapsed).toBeGreaterThan(99)
  expect(elapsed).toBeLessThan(1_000)
})
