import { describe, expect, test } from 'vitest'
import { FACTS, isDeliverable, livesOn, type Role, tells, whyNotDrivable } from '../../bench/ledger/deliverable.ts'
import { type Cell, EXITS, fullMatrix } from '../../bench/ledger/plan.ts'

const { chromium, firefox, webkit } = FACTS

const cell = (more: Partial<Cell> = {}): Cell => ({
  exit: 'tab close',
  network: '500',
  storage: 'absent',
  tabs: 2,
  ...more,
})
const can = (more: Partial<Cell>, role: Role = 'leaving', facts = chromium) => isDeliverable(cell(more), role, facts).is

describe('a view can be delivered', () => {
  test('whatever happens, where a next visit finds it in the store', () => {
    const stored = fullMatrix().filter(({ storage }) => storage === 'ok')
    for (const role of ['leaving', 'behind', 'after'] as const) {
      for (const one of stored) {
        expect(isDeliverable(one, role, chromium).is).toBe(true)
        expect(isDeliverable(one, role, firefox).is).toBe(true)
      }
    }
  })

  test('without a store, if its page is told and the network is there', () => {
    expect(can({ network: 'ok' })).toBe(true)
    expect(can({ network: 'slow' })).toBe(true)
    expect(can({ network: 'ok', exit: 'hidden tab close' })).toBe(true)
    for (const network of ['hanging', '500', '429', '404', 'html', 'reset', 'refused', 'offline'] as const) {
      for (const storage of ['memory', 'absent', 'hanging', 'quota'] as const) {
        expect(can({ network, storage }), `${network}, ${storage}`).toBe(false)
      }
    }
  })

  test('without a store, on any network, if its page lives on', () => {
    expect(can({ exit: 'route' })).toBe(true)
    expect(can({ exit: 'bfcache' })).toBe(true)
    expect(can({ exit: 'reload' })).toBe(false)
    expect(can({ exit: 'reload' }, 'after')).toBe(true)
    expect(can({ exit: 'tab close' }, 'behind')).toBe(true)
    expect(can({ exit: 'browser SIGKILL' }, 'behind')).toBe(false)
  })

  test('by what the browser sends itself, where the page is not told', () => {
    for (const exit of ['renderer crash', 'blocked tab close'] as const) {
      expect(can({ exit, network: 'ok' })).toBe(true)
      expect(can({ exit, network: 'ok' }, 'leaving', { ...chromium, fetchLater: false })).toBe(false)
      expect(can({ exit, network: '500' })).toBe(false)
    }
    expect(can({ exit: 'renderer crash', network: 'ok' }, 'leaving', firefox)).toBe(false)
    expect(can({ exit: 'browser quit', network: 'ok' })).toBe(false) // it may be gone before
    // There the page is told of these.
    expect(can({ exit: 'browser quit', network: 'ok' }, 'leaving', firefox)).toBe(true)
    expect(can({ exit: 'blocked tab close', network: 'ok' }, 'leaving', webkit)).toBe(true)
    for (const exit of ['browser SIGKILL', 'hide, show, SIGKILL'] as const) {
      expect(can({ exit, network: 'ok' })).toBe(false)
      expect(can({ exit, network: 'ok' }, 'behind')).toBe(true) // it was told that it is hidden
    }
  })

  test('only at once where the next browser has another profile', () => {
    expect(can({ exit: 'browser SIGKILL', storage: 'ok' }, 'leaving', webkit)).toBe(false)
    expect(can({ exit: 'browser SIGKILL', storage: 'ok', network: 'ok' }, 'behind', webkit)).toBe(true)
    expect(can({ exit: 'tab close', storage: 'ok' }, 'leaving', webkit)).toBe(true)
  })

  test('and where it cannot, there is a reason', () => {
    expect(isDeliverable(cell(), 'leaving', chromium)).toEqual({
      is: false,
      why: 'nothing can be stored, and nothing gets through before the page is gone',
    })
    expect(isDeliverable(cell({ exit: 'browser SIGKILL', network: 'ok' }), 'leaving', chromium)).toEqual({
      is: false,
      why: 'nothing can be stored, and the page is not told that it ends',
    })
  })
})

test('a tab behind lives on unless the browser ends, or its process with another', () => {
  expect(livesOn(cell({ exit: 'renderer crash' }), 'behind', chromium)).toBe(true)
  expect(livesOn(cell({ exit: 'renderer crash' }), 'behind', firefox)).toBe(false)
  expect(livesOn(cell({ exit: 'browser quit' }), 'behind', chromium)).toBe(false)
})

test('a cell tells something if the view that leaves can be delivered', () => {
  expect(tells(cell({ exit: 'browser SIGKILL', storage: 'ok' }), chromium)).toBe(true)
  expect(tells(cell({ exit: 'browser SIGKILL' }), chromium)).toBe(false)
})

describe('an engine can be driven', () => {
  test('to all that it has', () => {
    for (const exit of EXITS) expect(whyNotDrivable(cell({ exit }), chromium)).toBeUndefined()
    expect(whyNotDrivable(cell({ exit: 'prerender' }), firefox)).toContain('prerender')
  })

  test('off the network only by what prerendering and discarding forbid', () => {
    expect(whyNotDrivable(cell({ network: 'offline' }), chromium)).toBeUndefined()
    expect(whyNotDrivable(cell({ network: 'offline', exit: 'discard' }), chromium)).toContain('debugger')
    expect(whyNotDrivable(cell({ network: 'offline' }), webkit)).toContain('network')
  })
})
