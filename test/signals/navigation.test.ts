// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { watchNavigation } from '../../src/signals/navigation.ts'
import { createScope } from '../support/scope.ts'

const changed = vi.fn()
let edge: ReturnType<typeof createScope>

beforeEach(() => {
  vi.useFakeTimers()
  edge = createScope()
})
afterEach(() => {
  edge.stop()
  changed.mockReset()
  Reflect.deleteProperty(window, 'navigation')
  vi.useRealTimers()
})

describe('with the Navigation API', () => {
  const navigation = new EventTarget()
  beforeEach(() => {
    Object.defineProperty(window, 'navigation', { value: navigation, configurable: true })
    watchNavigation(changed, edge.scope)
  })

  test('each change of the current entry is told', () => {
    navigation.dispatchEvent(new Event('currententrychange'))
    expect(changed).toHaveBeenCalledOnce()
  })

  test('the way back is not told twice', () => {
    navigation.dispatchEvent(new Event('currententrychange'))
    window.dispatchEvent(new Event('popstate'))
    expect(changed).toHaveBeenCalledOnce()
  })

  test('after stop() events emit nothing and no timer is left', () => {
    edge.stop()
    navigation.dispatchEvent(new Event('currententrychange'))
    expect(changed).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('without it', () => {
  beforeEach(() => watchNavigation(changed, edge.scope))

  test('the ways back and forward are told', () => {
    window.dispatchEvent(new Event('popstate'))
    expect(changed).toHaveBeenCalledOnce()
  })

  test('the history of the page is left as it is', () => {
    const { pushState } = history
    const { scope, stop } = createScope()
    watchNavigation(changed, scope)
    expect(history.pushState).toBe(pushState)
    stop()
  })

  test('after stop() events emit nothing and no timer is left', () => {
    edge.stop()
    window.dispatchEvent(new Event('popstate'))
    expect(changed).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
