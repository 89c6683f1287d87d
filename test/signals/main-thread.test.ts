import { afterEach, expect, test, vi } from 'vitest'
import { watchMainThread } from '../../src/signals/main-thread.ts'
import { createScope } from '../support/scope.ts'

afterEach(() => vi.unstubAllGlobals())

/** An observer of which a test says what it has seen: `tell` calls back, `hold` keeps it for `takeRecords()`. */
function stubObserver() {
  const observed: object[] = []
  let held: { duration: number }[] = []
  let callBack: (list: { getEntries: () => object[] }) => void
  let isOn = false
  vi.stubGlobal(
    'PerformanceObserver',
    class {
      constructor(run: typeof callBack) {
        callBack = run
      }
      observe(what: object) {
        observed.push(what)
        isOn = true
      }
      disconnect() {
        isOn = false
      }
      takeRecords() {
        const taken = held
        held = []
        return taken
      }
    },
  )
  return {
    observed,
    isOn: () => isOn,
    tell: (...durations: number[]) => callBack({ getEntries: () => durations.map((duration) => ({ duration })) }),
    hold: (duration: number) => void held.push({ duration }),
  }
}

test('answers how long the tasks were that have been told and those that are still held, each once', () => {
  const observer = stubObserver()
  const readBusy = watchMainThread(createScope().scope)
  expect(observer.observed).toEqual([{ type: 'longtask' }])
  expect(readBusy()).toBe(0)
  observer.tell(60, 140)
  observer.hold(8_000)
  expect(readBusy()).toBe(8_200)
  expect(readBusy()).toBe(0)
})

test('a browser that reports no long tasks is never busy', () => {
  expect(watchMainThread(createScope().scope)()).toBe(0)
})

test('after stop() nothing is observed', () => {
  const observer = stubObserver()
  const { scope, stop } = createScope()
  watchMainThread(scope)
  expect(observer.isOn()).toBe(true)
  stop()
  expect(observer.isOn()).toBe(false)
})
