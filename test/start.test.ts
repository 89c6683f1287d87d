// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { start } from '../src/index.ts'
import type { Options } from '../src/options.ts'
import { readStart } from '../src/signals/page-lifecycle.ts'
import { createDwell, type Dwell } from '../src/start.ts'
import { BEGIN, type OpenPage, openPage } from './support/page.ts'
import { setPage } from './support/scope.ts'

let page: OpenPage
let dwells: Dwell[]

/** A tracker that the test's end stops. */
function measure(options: Options = {}): Dwell {
  const given = { site: 'docs', collector: 'https://collector.test/v1/records', ...options }
  const dwell = createDwell(given, dwells.length === 0 ? readStart() : undefined)
  dwells.push(dwell)
  return dwell
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  history.replaceState(null, '', '/first')
  document.title = 'First'
  dwells = []
  page = openPage()
})
afterEach(() => {
  for (const dwell of dwells) dwell.stop()
  page.close()
})

describe('a page that is measured', () => {
  test('says at its start that it is there', async () => {
    measure({ userId: 'u1' })
    await page.settle()
    expect(page.posts).toMatchObject([{ v: 1, via: 'fetch', attempts: 1, dropped: 0 }])
    expect(page.records()).toMatchObject([
      { site: 'docs', client: 'ScriptTag', seq: 1, reason: 'start', path: '/first', title: 'First', userId: 'u1' },
    ])
    const [{ viewId, sessionId, visitorId }] = page.records() as [Required<ReturnType<OpenPage['records']>[0]>]
    for (const id of [viewId, sessionId, visitorId]) expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set([viewId, sessionId, visitorId]).size).toBe(3)
  })

  test.each(['shown', 'restored', 'on another route'])(
    '%s, and hidden before the store has answered: nothing is lost',
    async (what) => {
      const go = (type: string) => window.dispatchEvent(Object.assign(new Event(type), { persisted: true }))
      measure()
      await page.settle()
      await page.pass(2_000)
      if (what === 'restored') go('pagehide')
      page.show('hidden')
      await page.pass(2_000)
      page.show('visible')
      if (what === 'restored') go('pageshow')
      if (what === 'on another route') {
        history.pushState(null, '', '/second')
        go('popstate')
      }
      vi.advanceTimersByTime(800) // and no turn of the event loop
      page.show('hidden')
      await page.settle()
      const last = page.records().find(({ state, totalMs }) => state === 'hidden' && totalMs !== 2_000)
      const before = what === 'shown' ? 2_000 : 0
      expect(last).toMatchObject({ visibleMs: before + 800, engagedMs: before + 800 })
    },
  )

  test('reads 3 s, hides 2 s, returns 2 s, leaves: visible 5 s', async () => {
    const dwell = measure()
    await page.pass(1_000)
    page.input()
    await page.pass(2_000)
    page.show('hidden')
    expect(page.posts.at(-1)).toMatchObject({ via: 'beacon' })
    expect(page.records().at(-1)).toMatchObject({
      reason: 'hidden',
      totalMs: 3_000,
      visibleMs: 3_000,
      engagedMs: 3_000,
    })
    await page.pass(2_000)
    page.show('visible')
    await page.pass(2_000)
    dwell.stop()
    expect(page.records().at(-1)).toMatchObject({
      endReason: 'stop',
      totalMs: 7_000,
      visibleMs: 5_000,
      engagedMs: 5_000,
    })
  })

  test('tells its clocks when it is asked', async () => {
    const dwell = measure()
    await page.pass(8_000)
    expect(dwell.getState()).toMatchObject({
      ...{ state: 'active', stands: 'idle', totalMs: 8_000, visibleMs: 8_000, engagedMs: 5_000 },
      ...{ path: '/first', sampled: true, storage: 'indexeddb', sessionEndsAt: BEGIN + 31 * 60_000 },
    })
    expect(dwell.getState().lastError).toBeUndefined()
  })

  test('is on screen since the commit; a second tracker counts from when it is made', async () => {
    vi.advanceTimersByTime(900) // the script is late
    const first = measure()
    expect(first.getState()).toMatchObject({ totalMs: 900, visibleMs: 900 })
    first.stop()
    const second = measure()
    await page.pass(500)
    expect(second.getState()).toMatchObject({ totalMs: 500, visibleMs: 500 })
  })

  test('counts a ping as activity', async () => {
    const dwell = measure()
    await page.pass(20_000)
    expect(dwell.getState().engagedMs).toBe(5_000)
    dwell.ping()
    expect(dwell.getState().engagedMs).toBe(20_000)
  })

  test('follows a route that nobody told of, with the title that comes late', async () => {
    measure()
    await page.pass(2_000)
    history.pushState(null, '', '/second?q=1')
    document.title = 'Second'
    await page.pass(2_000)
    const { records } = page
    const routeEnd = records().find(({ endReason }) => endReason === 'route')
    expect(routeEnd).toMatchObject({ path: '/first', title: 'First' })
    await page.pass(1_000)
    page.show('hidden')
    expect(records().at(-1)).toMatchObject({ path: '/second', title: 'Second' })
  })

  test('sends no title that is longer than the wire takes', async () => {
    document.title = 'x'.repeat(1_000)
    measure()
    await page.settle()
    expect(page.records()[0]!.title!.length).toBeLessThanOrEqual(256)
  })

  test('joins the session of the page before', async () => {
    const first = measure()
    await page.pass(2_000)
    first.stop()
    await page.settle()
    measure()
    await page.settle()
    const [one, two] = page.records().filter(({ reason }) => reason === 'start')
    expect(two!.viewId).not.toBe(one!.viewId)
    expect(two!.sessionId).toBe(one!.sessionId)
    expect(two!.visitorId).toBe(one!.visitorId)
  })

  test('sends with its own first record what earlier pages left', async () => {
    page.collector.isUp = false
    navigator.sendBeacon = () => true // taken, and lost
    const first = measure()
    await page.pass(2_000)
    first.stop()
    await page.settle()
    expect(page.posts).toEqual([])
    page.collector.isUp = true
    measure()
    await page.settle()
    expect(page.records().map(({ reason }) => reason)).toEqual(['start', 'pagehide'])
  })

  test('without a visitor id has none, though an earlier page had one', async () => {
    const first = measure()
    await page.settle()
    first.stop()
    await page.settle()
    measure({ visitorId: false })
    await page.settle()
    const [one, two] = page.records().filter(({ reason }) => reason === 'start')
    expect(one!.visitorId).toBeTruthy()
    expect(two!.visitorId).toBeUndefined()
  })

  test('sends only whole milliseconds, whatever its options are', async () => {
    measure({
      sessionExpirationThreshold: 0.07,
      bufferTimeBeforeEnd: 1.005,
      heartbeatInterval: 1.005,
      idleCredit: 1.001,
    })
    await page.pass(3_000)
    page.show('hidden')
    expect(page.records().length).toBeGreaterThan(1)
    for (const record of page.records()) {
      const numbers = Object.entries(record).filter(([, value]) => typeof value === 'number')
      expect(Object.fromEntries(numbers.filter(([, value]) => !Number.isSafeInteger(value)))).toEqual({})
    }
  })

  test('outside the tracked pages stores no view and sends nothing', async () => {
    const dwell = measure({ trackSpecificPages: ['/learn/*'] })
    await page.pass(5_000)
    page.show('hidden')
    await page.settle()
    expect(page.posts).toEqual([])
    expect(dwell.getState()).toMatchObject({ stands: 'untracked' })
  })

  test('opened in the background begins when it is shown', async () => {
    setPage('hidden')
    measure()
    await page.pass(60_000)
    page.show('visible')
    await page.pass(3_000)
    page.show('hidden')
    expect(page.records().at(-1)).toMatchObject({ startedAt: BEGIN + 60_000, totalMs: 3_000, visibleMs: 3_000 })
  })

  test('that is prerendered begins with its activation', async () => {
    const prerendered = Object.assign(document, { prerendering: true })
    measure()
    await page.pass(3_000)
    expect(page.posts).toEqual([])
    prerendered.prerendering = false
    document.dispatchEvent(new Event('prerenderingchange'))
    await page.settle()
    expect(page.records()).toMatchObject([{ reason: 'start', seq: 1 }])
    Reflect.deleteProperty(document, 'prerendering')
  })
})

describe('a session', () => {
  test('is ending after the threshold, over after the buffer, and new with the next activity', async () => {
    const dwell = measure({ sessionExpirationThreshold: 0.1, bufferTimeBeforeEnd: 2, idleTimeout: 2, idleCredit: 1 })
    const told: string[] = []
    for (const name of ['session:start', 'session:ending', 'session:end'] as const)
      dwell.on(name, () => told.push(name))
    await page.pass(7_000)
    expect(told).toEqual(['session:start', 'session:ending'])
    await page.pass(3_000)
    expect(told).toEqual(['session:start', 'session:ending', 'session:end'])
    expect(page.records().at(-1)).toMatchObject({ sessionEndReason: 'inactivity', totalMs: 1_000, visibleMs: 1_000 })
    expect(dwell.getState()).toMatchObject({ stands: 'ended', totalMs: 0 })
    page.input()
    await page.settle()
    expect(told.at(-1)).toBe('session:start')
    expect(page.records().at(-1)).toMatchObject({ seq: 1, reason: 'start', startedAt: BEGIN + 10_000 })
  })

  test('ends with end(), at once', async () => {
    const dwell = measure()
    await page.pass(2_000)
    dwell.end()
    await page.settle()
    expect(page.records().at(-1)).toMatchObject({ endReason: 'explicit', sessionEndReason: 'explicit', totalMs: 2_000 })
  })

  test('that is not in the sample sends and stores nothing, and runs its callbacks', async () => {
    const opened = vi.spyOn(indexedDB, 'open')
    const dwell = measure({ samplingRate: 0 })
    const onStart = vi.fn()
    dwell.on('session:start', onStart)
    await page.pass(3_000)
    page.show('hidden')
    await page.settle()
    expect(onStart).toHaveBeenCalledOnce()
    expect(page.posts).toEqual([])
    expect(opened).not.toHaveBeenCalled()
    expect(dwell.getState()).toMatchObject({ sampled: false, visibleMs: 3_000, storage: 'memory' })
  })
})

describe('faults', () => {
  test('no collector: nothing is thrown, the record is kept and sent after the pause', async () => {
    page.collector.isUp = false
    const dwell = measure()
    await page.pass(500)
    page.collector.isUp = true
    await page.pass(3_000)
    expect(page.posts[0]!.attempts).toBeGreaterThan(1)
    expect(page.records()[0]).toMatchObject({ startedAt: BEGIN, path: '/first' })
    expect(dwell.getState().lastError).toBeUndefined()
  })

  test('flush() does not wait for the pause', async () => {
    page.collector.isUp = false
    const dwell = measure()
    await page.settle()
    page.collector.isUp = true
    await Promise.all([dwell.flush(), page.settle()])
    expect(page.records()).toHaveLength(1)
  })

  test('no IndexedDB: measured and sent all the same, and told', async () => {
    Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true, writable: true })
    const onError = vi.fn()
    const dwell = measure({ onError })
    await page.pass(3_000)
    page.show('hidden')
    expect(page.records().at(-1)).toMatchObject({ reason: 'hidden', visibleMs: 3_000 })
    expect(onError).toHaveBeenCalled()
    expect(dwell.getState()).toMatchObject({ storage: 'memory' })
    expect(dwell.getState().lastError).toBeTruthy()
  })

  test("a host's listener that throws reaches onError, not the page, and not the measurement", async () => {
    const onError = vi.fn()
    const dwell = measure({ onError })
    dwell.on('view:end', () => {
      throw Error('of the host')
    })
    await page.pass(1_000)
    expect(() => dwell.end()).not.toThrow()
    expect(onError).toHaveBeenCalledExactlyOnceWith(Error('of the host'))
    expect(dwell.getState()).toMatchObject({ stands: 'ended', lastError: 'Error: of the host' })
  })

  test("a host's onError that throws is swallowed", async () => {
    const onError = vi.fn(() => {
      throw Error('of the handler')
    })
    const dwell = measure({ onError })
    dwell.on('view:end', () => {
      throw Error('of the host')
    })
    await page.settle()
    expect(() => dwell.end()).not.toThrow()
    expect(onError).toHaveBeenCalledOnce()
  })

  test('the same fault is on the console once', async () => {
    const dwell = measure()
    dwell.on('state', () => {
      throw Error('again')
    })
    for (const [i, visibility] of (['hidden', 'visible', 'hidden', 'visible'] as const).entries()) {
      await page.pass(10 * (i + 1))
      page.show(visibility)
    }
    expect(vi.mocked(console.warn).mock.calls).toEqual([['dwelltime:', 'Error: again']])
  })

  test.each([true, false])(
    'debugMode %s: each change of state is logged with why the clock stands, or nothing is',
    async (debugMode) => {
      const debug = vi.spyOn(console, 'debug').mockImplementation(() => {})
      measure({ debugMode })
      await page.pass(6_000)
      page.show('hidden')
      const states = debug.mock.calls.filter(([, name]) => name === 'state').map(([, , detail]) => detail)
      const expected = [
        { state: 'active', stands: null },
        { state: 'active', stands: 'idle' },
        { state: 'hidden', stands: 'hidden' },
      ]
      expect(states).toEqual(debugMode ? expected : [])
      if (!debugMode) expect(debug).not.toHaveBeenCalled()
      debug.mockRestore()
    },
  )

  test('a page rule that throws is a fault of the host: told, never thrown', async () => {
    const onError = vi.fn()
    const rule = () => {
      throw Error('rule')
    }
    expect(() => measure({ onError, trackSpecificPages: [rule] })).not.toThrow()
    expect(onError).toHaveBeenCalledWith(Error('rule'))
  })
})

describe('on()', () => {
  test('tells each who asked, until he stops that', async () => {
    const dwell = measure()
    const [one, two] = [vi.fn(), vi.fn()]
    const stopOne = dwell.on('session:end', one)
    dwell.on('session:end', two)
    await page.settle()
    stopOne()
    stopOne()
    dwell.end()
    expect(one).not.toHaveBeenCalled()
    expect(two).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ reason: 'explicit' }))
  })
})

describe('after stop()', () => {
  test('the last record has left, by one beacon', async () => {
    const dwell = measure()
    await page.pass(4_000)
    const count = page.posts.length
    dwell.stop()
    expect(page.posts).toHaveLength(count + 1)
    expect(page.posts.at(-1)).toMatchObject({ via: 'beacon' })
    expect(page.records().at(-1)).toMatchObject({ endReason: 'stop', visibleMs: 4_000 })
    dwell.stop()
    expect(page.posts).toHaveLength(count + 1)
  })

  test('events change nothing, nothing is sent, and no timer is left', async () => {
    const dwell = measure()
    const onState = vi.fn()
    dwell.on('state', onState)
    await page.pass(4_000)
    dwell.stop()
    await page.settle()
    const [posts, calls] = [page.posts.length, onState.mock.calls.length]
    await page.pass(1_000) // the store's time-outs run out; they do nothing
    expect(vi.getTimerCount()).toBe(0)

    page.input()
    page.show('hidden')
    page.show('visible')
    for (const type of ['pagehide', 'pageshow', 'focus', 'blur', 'popstate']) window.dispatchEvent(new Event(type))
    history.pushState(null, '', '/after')
    dwell.ping()
    dwell.end()
    await page.settle()
    expect(page.posts).toHaveLength(posts)
    expect(onState).toHaveBeenCalledTimes(calls)
    expect(dwell.getState()).toMatchObject({ stands: 'stopped', visibleMs: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('an answer of the store that comes late arms nothing', async () => {
    measure().stop()
    await page.settle()
    await page.pass(2_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(page.records().every(({ endReason }) => endReason === 'stop')).toBe(true)
  })
})

describe('enabled: false', () => {
  test('is inert: nothing is stored, sent or listened to', async () => {
    const opened = vi.spyOn(indexedDB, 'open')
    const listened = [vi.spyOn(window, 'addEventListener'), vi.spyOn(document, 'addEventListener')]
    const dwell = measure({ enabled: false })
    await page.pass(1_000)
    page.input()
    dwell.ping()
    dwell.end()
    dwell.getState()
    await Promise.all([dwell.flush(), page.settle()])
    dwell.stop()
    await page.settle()
    expect(opened).not.toHaveBeenCalled()
    expect(page.posts).toEqual([])
    for (const spy of listened) expect(spy).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('from npm is the same', async () => {
    const opened = vi.spyOn(indexedDB, 'open')
    const dwell = start({ enabled: false })
    dwell.on('state', () => {})()
    dwell.ping()
    dwell.end()
    await dwell.flush()
    dwell.stop()
    expect(dwell.getState()).toMatchObject({ stands: 'stopped', totalMs: 0 })
    expect(opened).not.toHaveBeenCalled()
    expect(page.posts).toEqual([])
  })
})

describe('start() of npm', () => {
  test('twice is one tracker; after stop() it is a new one', async () => {
    const one = start({ site: 'docs' })
    expect(start({ site: 'docs' })).toBe(one)
    await page.settle()
    expect(page.records()).toMatchObject([{ client: 'NpmModule', site: 'docs' }])
    one.stop()
    await page.settle()
    const two = start({ site: 'docs' })
    dwells.push(two)
    expect(two).not.toBe(one)
    await page.settle()
    expect(new Set(page.records().map(({ viewId }) => viewId)).size).toBe(2)
  })

  test('takes undefined for an option that was left out', async () => {
    dwells.push(start({ site: 'docs', client: undefined, samplingRate: undefined } as unknown as Options))
    await page.settle()
    expect(page.records()).toMatchObject([{ client: 'NpmModule', samplingRate: 1 }])
  })

  test('throws at a wrong option, and starts nothing', async () => {
    expect(() => start({ samplingRate: 2 })).toThrow(TypeError)
    await page.settle()
    expect(page.posts).toEqual([])
  })
})
