import { describe, expect, test } from 'vitest'
import { createMeter } from '../../src/core/meter.ts'
import { EPOCH, IDLE_CREDIT, IDLE_TIMEOUT } from '../support/replay.ts'

/** A meter whose wall clock runs ahead of the monotonic one by each sleep. */
function sleeper() {
  let slept = 0
  const at = (instant: number) => ({ at: instant, wall: EPOCH + instant + slept })
  const meter = createMeter(at(0), 'active', IDLE_TIMEOUT, IDLE_CREDIT)
  return {
    meter,
    count: (instant: number) => meter.count(at(instant)),
    sleep(instant: number, length: number) {
      meter.count(at(instant))
      slept += length
      meter.suspend(at(instant), length)
    },
  }
}

const suspensionsOf = (meter: ReturnType<typeof createMeter>) =>
  meter.read().spans.filter(([kind]) => kind === 'suspended')

describe('suspensions in a view', () => {
  test('of many the last 8 are told, and the clocks have none of them', () => {
    const { meter, sleep, count } = sleeper()
    for (let second = 1; second <= 10; second++) sleep(second * 1_000, 60_000 + second)
    count(11_000)
    expect(suspensionsOf(meter)).toEqual(
      [3, 4, 5, 6, 7, 8, 9, 10].map((second) => ['suspended', second * 1_000, 60_000 + second]),
    )
    expect(meter.read()).toMatchObject({ totalMs: 11_000, visibleMs: 11_000 })
  })

  test('cut off by the end of the session: those before it stay and move its instant, those after it go', () => {
    const { meter, sleep, count } = sleeper()
    sleep(10_000, 60_000)
    count(12_000)
    meter.settle(12_000)
    sleep(50_000, 90_000)
    count(100_000)
    // The last activity was at 12 s of the view, after the first sleep.
    const endedAt = meter.cut(EPOCH + 12_000 + 60_000)
    expect(suspensionsOf(meter)).toEqual([['suspended', 10_000, 60_000]])
    expect(meter.read()).toMatchObject({ totalMs: 12_000 + IDLE_CREDIT, visibleMs: 12_000 + IDLE_CREDIT })
    expect(endedAt).toBe(EPOCH + 12_000 + IDLE_CREDIT + 60_000)
  })

  test('one at the very instant of the end is none', () => {
    const { meter, sleep, count } = sleeper()
    count(12_000)
    meter.settle(12_000)
    sleep(12_000 + IDLE_CREDIT, 60_000)
    count(100_000)
    expect(meter.cut(EPOCH + 12_000)).toBe(EPOCH + 12_000 + IDLE_CREDIT)
    expect(suspensionsOf(meter)).toEqual([])
  })

  test('a machine that slept before its last activity: the end is counted from now, too', () => {
    const { meter, sleep, count } = sleeper()
    sleep(10_000, 3_600_000)
    count(20_000)
    meter.settle(20_000)
    count(200_000)
    meter.cut(EPOCH + 20_000 + 3_600_000)
    expect(meter.read()).toMatchObject({ totalMs: 20_000 + IDLE_CREDIT, visibleMs: 20_000 + IDLE_CREDIT })
  })
})
