// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { watchNavigation } from '../../src/signals/navigation.ts'
import { createScope } from '../support/scope.ts'

const changed = vi.fn()
const { pushState, replaceState } = history
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

  test.each(['pushState', 'replaceState'] as const)('%s() does what it did, and is told', (name) => {
    history[name]({ page: 7 }, '', '/seven')
    expect(location.pathname).toBe('/seven')
    expect(history.state).toEqual({ page: 7 })
    expect(changed).toHaveBeenCalledOnce()
  })

  test('what the page did wrong is thrown to the page, and told to nobody', () => {
    expect(() => history.pushState(null, '', 'https://[')).toThrow()
    expect(changed).not.toHaveBeenCalled()
  })

  test('a fault of ours does not reach the page', () => {
    changed.mockImplementationOnce(() => {
      throw Error('ours')
    })
    expect(() => history.pushState(null, '', '/eight')).not.toThrow()
    expect(edge.errors).toEqual([Error('ours')])
  })

  test('stop() gives the page its history back', () => {
    edge.stop()
    expect(history.pushState).toBe(pushState)
    expect(history.replaceState).toBe(replaceState)
  })

  test('a wrapper of another script stays, and ours only passes on', () => {
    const ours = history.pushState
    const theirs = vi.fn((...args: Parameters<typeof ours>) => ours.apply(history, args))
    history.pushState = theirs
    edge.stop()
    expect(history.pushState).toBe(theirs)
    history.pushState(null, '', '/nine')
    expect(location.pathname).toBe('/nine')
    expect(changed).not.toHaveBeenCalled()
    history.pushState = pushState
  })

  test('after stop() events emit nothing and no timer is left', () => {
    edge.stop()
    window.dispatchEvent(new Event('popstate'))
    expect(changed).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
