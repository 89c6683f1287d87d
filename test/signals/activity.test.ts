// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchActivity } from '../../src/signals/activity.ts'
import { createScope, trusted } from '../support/scope.ts'

const emit = vi.fn()
let edge: ReturnType<typeof createScope>

beforeEach(() => {
  vi.useFakeTimers()
  edge = createScope()
  watchActivity(emit, edge.scope)
})
afterEach(() => {
  edge.stop()
  emit.mockReset()
  vi.useRealTimers()
})

const KINDS = { pointerdown: 'pointer', pointermove: 'pointer', keydown: 'key', touchmove: 'touch', wheel: 'scroll' }
const TYPES = Object.keys(KINDS)

/** An input of a person at 1,234 ms. */
const input = (type: string, given: object = {}) =>
  trusted(new Event(type, { bubbles: true }), { timeStamp: 1_234, screenX: 7, screenY: 8, ...given })

test.each(Object.entries(KINDS))('%s says that someone is there by %s, and when it happened', (type, kind) => {
  document.body.dispatchEvent(input(type))
  expect(emit.mock.calls).toEqual([['activity', kind, 1_234]])
})

test.each(TYPES)('%s of a script says nothing', (type) => {
  document.body.dispatchEvent(input(type, { isTrusted: false }))
  expect(emit).not.toHaveBeenCalled()
})

test('a pointer that did not move says nothing: the page moved under it', () => {
  window.dispatchEvent(input('pointermove'))
  emit.mockReset()
  window.dispatchEvent(input('pointermove'))
  window.dispatchEvent(input('keydown'))
  window.dispatchEvent(input('pointermove'))
  expect(emit.mock.calls).toEqual([['activity', 'key', 1_234]])
})

test.each([
  [10, 8],
  [7, 5],
])('a pointer that moved to %d, %d says that someone is there', (screenX, screenY) => {
  window.dispatchEvent(input('pointermove'))
  emit.mockReset()
  window.dispatchEvent(input('pointermove', { screenX, screenY }))
  expect(emit).toHaveBeenCalledOnce()
})

test('the first move is one, though WebKit says that it went nowhere', () => {
  window.dispatchEvent(input('pointermove', { movementX: 0, movementY: 0 }))
  expect(emit).toHaveBeenCalledOnce()
})

test('a move of a script says nothing of where the pointer is', () => {
  window.dispatchEvent(input('pointermove'))
  emit.mockReset()
  window.dispatchEvent(input('pointermove', { isTrusted: false, screenX: 0 }))
  window.dispatchEvent(input('pointermove'))
  expect(emit).not.toHaveBeenCalled()
})

test('a press of a pointer that rests is one', () => {
  window.dispatchEvent(input('pointermove'))
  emit.mockReset()
  window.dispatchEvent(input('pointerdown'))
  expect(emit).toHaveBeenCalledOnce()
})

test.each(['scroll', 'mousemove', 'focus', 'visibilitychange', 'click'])('%s is no activity of its own', (type) => {
  document.body.dispatchEvent(input(type))
  window.dispatchEvent(input(type))
  expect(emit).not.toHaveBeenCalled()
})

test.each([
  [1_000, 1],
  [1_001, 0],
])('a scroll %d ms after an input is one: %d', (after, count) => {
  window.dispatchEvent(input('keydown'))
  emit.mockReset()
  document.body.dispatchEvent(input('scroll', { timeStamp: 1_234 + after }))
  expect(emit.mock.calls).toEqual(count ? [['activity', 'scroll', 1_234 + after]] : [])
})

test('scrolls do not carry each other on', () => {
  window.dispatchEvent(input('wheel', { timeStamp: 0 }))
  for (const timeStamp of [500, 1_000, 1_500, 2_000]) window.dispatchEvent(input('scroll', { timeStamp }))
  expect(emit).toHaveBeenCalledTimes(3)
})

test('a page that stops propagation hides nothing', () => {
  const stop = (event: Event) => event.stopImmediatePropagation()
  document.body.addEventListener('keydown', stop, true)
  document.body.dispatchEvent(input('keydown'))
  document.body.removeEventListener('keydown', stop, true)
  expect(emit).toHaveBeenCalledOnce()
})

test('what was typed does not come along', () => {
  window.dispatchEvent(input('keydown', { key: 's', code: 'KeyS' }))
  expect(JSON.stringify(emit.mock.calls)).not.toMatch(/"(s|KeyS)"/)
  expect(emit.mock.calls[0]).toHaveLength(3)
})

test('a fault of ours does not reach the page', () => {
  emit.mockImplementation(() => {
    throw Error('ours')
  })
  expect(() => window.dispatchEvent(input('keydown'))).not.toThrow()
  expect(edge.errors).toEqual([Error('ours')])
})

test('after stop() events emit nothing and no timer is left', () => {
  edge.stop()
  for (const type of TYPES) document.body.dispatchEvent(input(type))
  expect(emit).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})
