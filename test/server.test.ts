// On a server there is no page: importing does nothing there, and what `start()` answers is inert.
import { expect, test, vi } from 'vitest'

test('importing touches nothing, and start() is inert', async () => {
  expect(typeof document).toBe('undefined')
  const touched: string[] = []
  for (const name of ['window', 'navigator', 'location', 'history', 'indexedDB', 'fetch']) {
    const get = () => void touched.push(name)
    Object.defineProperty(globalThis, name, { get, configurable: true })
  }
  const before = Object.getOwnPropertyNames(globalThis)
  const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')]

  const { start } = await import('../src/index.ts')
  const { sections } = await import('../src/sections.ts')
  const { vitals } = await import('../src/vitals.ts')
  expect(Object.getOwnPropertyNames(globalThis)).toEqual(before)
  const dwell = start({ site: 'docs' })
  dwell.on('state', () => {})()
  vitals(dwell)
  const { timer, observe } = sections(dwell)
  timer('lesson').stop()
  observe({} as Element, 'lesson')()
  dwell.ping()
  dwell.end()
  await dwell.flush()
  dwell.stop()
  expect(dwell.getState()).toMatchObject({ stands: 'stopped', totalMs: 0, visibleMs: 0, engagedMs: 0 })
  expect(start()).not.toBe(dwell)

  expect(touched).toEqual([])
  for (const spy of timers) expect(spy).not.toHaveBeenCalled()
})

test('a wrong option is told on a server, too', async () => {
  const { start } = await import('../src/index.ts')
  expect(() => start({ samplingRate: 2 })).toThrow(TypeError)
})
