// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readPast, readStart, readState, watchPageLifecycle } from '../../src/signals/page-lifecycle.ts'
import { createScope, setPage, trusted } from '../support/scope.ts'

const emit = vi.fn()
const look = vi.fn()
const restored = vi.fn()
let edge: ReturnType<typeof createScope>

beforeEach(() => {
  vi.useFakeTimers()
  setPage('visible')
  edge = createScope()
  watchPageLifecycle(emit, look, restored, edge.scope)
})
afterEach(() => {
  edge.stop()
  emit.mockReset()
  look.mockReset()
  restored.mockReset()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const transition = (type: 'pagehide' | 'pageshow', persisted: boolean) =>
  window.dispatchEvent(trusted(new Event(type), { persisted }))

test.each([
  ['visible', true, 'active'],
  ['visible', false, 'passive'],
  ['hidden', false, 'hidden'],
  ['hidden', true, 'hidden'], // a page behind a locked screen may say so
] as const)('a page that is %s, with focus: %s, is %s', (visibility, isFocused, state) => {
  setPage(visibility, isFocused)
  expect(readState()).toBe(state)
})

test.each(['focus', 'blur'])('%s is a reason to look', (type) => {
  window.dispatchEvent(new Event(type))
  expect(look).toHaveBeenCalledOnce()
})

test('visibilitychange is a reason to look', () => {
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  expect(look).toHaveBeenCalledOnce()
})

test.each(['play', 'pause'])('%s of media anywhere in the page is a reason to look', (type) => {
  const video = document.body.appendChild(document.createElement('video'))
  video.dispatchEvent(new Event(type)) // which does not bubble
  video.remove()
  expect(look).toHaveBeenCalledOnce()
})

test('the page leaves', () => {
  transition('pagehide', false)
  expect(emit.mock.calls).toEqual([['leave', 'leave']])
})

test('the page leaves into the back/forward cache, and is restored', () => {
  transition('pagehide', true)
  expect(emit.mock.calls).toEqual([['leave', 'bfcache']])
  expect(restored).not.toHaveBeenCalled()
  transition('pageshow', true)
  expect(restored).toHaveBeenCalledExactlyOnceWith()
})

test('the first showing is no restoring', () => {
  transition('pageshow', false)
  expect(restored).not.toHaveBeenCalled()
  expect(emit).not.toHaveBeenCalled()
})

test('unload and beforeunload are never listened to: the page would miss the back/forward cache', () => {
  const listened = vi.spyOn(window, 'addEventListener')
  const { scope, stop } = createScope()
  watchPageLifecycle(emit, look, restored, scope)
  stop()
  const types = listened.mock.calls.map(([type]) => type)
  expect(types).toContain('pagehide')
  expect(types.filter((type) => /unload/.test(type))).toEqual([])
})

test('the view was on screen from the commit, not from the start of the navigation', () => {
  stubPerformance([])
  expect(readStart()).toBe(900)
})

test('a prerendered page was on screen from its activation', () => {
  stubPerformance([{ activationStart: 2_424 }])
  expect(readStart()).toBe(2_424)
  stubPerformance([{ activationStart: 0 }])
  expect(readStart()).toBe(900)
})

test('what the page was since then, where the browser remembers: visible was attended', () => {
  stubPerformance([
    { name: 'visible', startTime: 0 },
    { name: 'hidden', startTime: 500 },
    { name: 'visible', startTime: 1_200 },
  ])
  expect(readPast(900)).toEqual([
    [900, 'hidden'],
    [1_200, 'active'],
  ])
  expect(readPast(1_200)).toEqual([[1_200, 'active']])
  expect(readPast(1_500)).toEqual([[1_500, 'active']])
})

test('where it does not, the page was what it is', () => {
  stubPerformance([])
  setPage('hidden')
  expect(readPast(900)).toEqual([[900, 'hidden']])
})

test('after stop() events emit nothing and no timer is left', () => {
  edge.stop()
  for (const type of ['focus', 'blur', 'visibilitychange']) window.dispatchEvent(new Event(type))
  transition('pagehide', false)
  transition('pageshow', true)
  expect(emit).not.toHaveBeenCalled()
  expect(look).not.toHaveBeenCalled()
  expect(restored).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

function stubPerformance(entries: object[]): void {
  vi.stubGlobal('performance', {
    now: () => 0,
    timing: { navigationStart: 1_000_000, domLoading: 1_000_900 },
    getEntriesByType: () => entries,
  })
}
