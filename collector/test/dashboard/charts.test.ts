import { describe, expect, test } from 'vitest'
import { barsOf, leavingOf, marksOf, sayStretch, survivalOf } from '../../dashboard/charts/distribution.ts'
import { linePath } from '../../dashboard/charts/line-path.ts'
import { nearTicks } from '../../dashboard/charts/ticks.ts'
import { type Stretch, ticksFor, timelineOf } from '../../dashboard/charts/timeline.ts'

const CLOCKS = ['visible', 'engaged'] as const

/** A row of the report: so many views of about that length. */
function row(ms: number, visible: number, engaged = 0) {
  const at = Math.floor(Math.log(ms) / Math.log(1.02 ** 5) + 1e-9)
  return { fromMs: Math.round(1.02 ** (at * 5)), toMs: Math.round(1.02 ** (at * 5 + 5)), visible, engaged }
}
const nothing = (visible: number, engaged: number) => ({ fromMs: 0, toMs: 0, visible, engaged })

describe('bars', () => {
  test('hold everything, whatever its length', () => {
    const rows = [nothing(1, 2), row(300, 3), row(5_000, 4), row(60_000, 5), row(20 * 3_600_000, 6)]
    const bars = barsOf(rows, CLOCKS)
    const visible = bars.map((bar) => bar.visible)
    expect(visible.reduce((sum, value) => sum + value)).toBe(19)
    expect([visible[0], visible.at(-1), bars[0]!.engaged]).toEqual([4, 6, 2])
    expect([bars[0]!.fromMs, bars.at(-1)!.toMs]).toEqual([0, null])
  })

  test('follow each other without a gap, and each holds its own', () => {
    const bars = barsOf([row(30_000, 7), row(3_000_000, 1)], CLOCKS)
    for (const [at, bar] of bars.entries()) {
      if (at > 0) expect(bar.fromMs).toBe(bars[at - 1]!.toMs)
    }
    const full = bars.find(({ visible }) => visible === 7)!
    expect(full.fromMs).toBeLessThanOrEqual(30_000)
    expect(full.toMs!).toBeGreaterThanOrEqual(30_000)
  })

  test('that are alike in the report are alike in the picture: two rows make one', () => {
    const rows = Array.from({ length: 40 }, (_, at) => row(2_000 * 1.02 ** (5 * at) * 1.01, 1))
    const visible = barsOf(rows, CLOCKS).map((bar) => bar.visible)
    const inside = visible.slice(visible.indexOf(2), visible.lastIndexOf(2) + 1)
    expect(inside.length).toBeGreaterThanOrEqual(18)
    expect(new Set(inside)).toEqual(new Set([2]))
  })

  test('of nothing are empty', () => {
    expect(barsOf([], CLOCKS).every(({ visible }) => visible === 0)).toBe(true)
  })
})

describe('survival', () => {
  const rows = [nothing(25, 50), row(5_000, 25, 50), row(60_000, 50)]

  test('begins with those who stayed at all, falls, and ends with nobody', () => {
    const points = survivalOf(rows, CLOCKS)
    expect([points[0]!.visible, points[0]!.engaged]).toEqual([0.75, 0.5])
    for (const [at, { visible }] of points.entries()) {
      if (at > 0) expect(visible).toBeLessThanOrEqual(points[at - 1]!.visible)
    }
    expect(points.findLast(({ ms }) => ms < 50_000)!.visible).toBe(0.5)
    expect(points.at(-1)).toMatchObject({ visible: 0, engaged: 0 })
  })

  test('of nobody is 0, not a division by it', () => {
    expect(survivalOf([], CLOCKS)).toMatchObject([{ visible: 0, engaged: 0 }])
  })

  test('when they leave: of all, and of those still there', () => {
    const leaving = leavingOf([nothing(10, 0), row(7_000, 30), row(2_000_000, 60)], 'visible')
    expect(leaving.map(({ ofAll, ofThose }) => [ofAll, ofThose])).toEqual([
      [0.1, 0.1],
      [0.3, 1 / 3],
      ...[
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      [0.6, 1],
    ])
    expect(leaving.map((stretch) => sayStretch(stretch).replaceAll('\u00a0', ' ')).slice(-2)).toEqual([
      '10 m to 30 m',
      'over 30 m',
    ])
  })
})

test('round lengths are marked where they are', () => {
  const marks = marksOf([0, 1_024, 2_100, 5_500, 12_000]).map(([at, label]) => [at, label.replace('\u00a0', ' ')])
  expect(marks).toEqual([
    [1, '1 s'],
    [2, '2 s'],
    [3, '5 s'],
    [4, '10 s'],
  ])
})

test('ticks are as many as there is room for', () => {
  expect(nearTicks([0, 1, 2, 3, 4, 5], 3)).toEqual([0, 2, 4])
  expect(nearTicks([0, 1, 2], 10)).toEqual([0, 1, 2])
  expect(nearTicks([], 0)).toEqual([])
})

test('a path through values, 0 at the bottom', () => {
  expect(linePath([0, 5, 10], { width: 100, height: 20, top: 10 })).toBe('M0 20L50 10L100 0')
  expect(linePath([0, 0], { width: 100, height: 20, top: 0 })).toBe('M0 20L100 20')
  expect(linePath([], { width: 100, height: 20, top: 0 })).toBe('')
})

describe('timeline', () => {
  const stretch = (viewId: string, kind: string, fromAt: number, toAt: number): Stretch => ({
    ...{ viewId, path: `/${viewId}`, kind, fromAt, toAt },
  })

  test('each view has its lane, each stretch its place', () => {
    const timeline = timelineOf([
      stretch('b', 'engaged', 6_000, 10_000),
      stretch('a', 'engaged', 0, 4_000),
      stretch('a', 'hidden', 4_000, 5_000),
    ])!
    expect([timeline.fromAt, timeline.toAt]).toEqual([0, 10_000])
    expect(timeline.lanes.map(({ viewId, lengths }) => [viewId, lengths])).toEqual([
      ['a', { engaged: 4_000, hidden: 1_000 }],
      ['b', { engaged: 4_000 }],
    ])
    expect(timeline.lanes[0]!.bars.map(({ kind, x, width }) => [kind, x, width])).toEqual([
      ['engaged', 0, 0.4],
      ['hidden', 0.4, 0.1],
    ])
  })

  test('a short stretch of a long session can still be seen', () => {
    const { lanes } = timelineOf([stretch('a', 'idle', 0, 10_000_000), stretch('b', 'engaged', 5, 6)])!
    expect(lanes[1]!.bars[0]!.width).toBeGreaterThan(0.001)
  })

  test('of nothing, and of no length', () => {
    expect(timelineOf([])).toBeUndefined()
    expect(timelineOf([stretch('a', 'engaged', 5, 5)])!.lanes[0]!.bars[0]).toMatchObject({ x: 0 })
  })

  test.each([
    [0, [0]],
    [4_000, [0, 1_000, 2_000, 3_000, 4_000]],
    [289_000, [0, 60_000, 120_000, 180_000, 240_000]],
    [30 * 86_400_000, 5],
  ])('ticks of %i ms are round and few', (lengthMs, ticks) => {
    const found = ticksFor(lengthMs)
    if (Array.isArray(ticks)) expect(found).toEqual(ticks)
    else expect(found).toHaveLength(ticks)
  })
})
