import { describe, expect, test } from 'vitest'
import { createMeter } from '../../src/core/meter.ts'
import { MAX_SPANS } from '../../src/protocol/record.ts'
import { EPOCH, IDLE_CREDIT, moment, readClocks, replay, replayAfter, type Step } from '../support/replay.ts'

describe('three clocks', () => {
  test('all three run while the page is visible and focused', () => {
    expect(replay([0, 'active'], [3_000, 'look'])).toMatchObject({ total: 3_000, visible: 3_000, engaged: 3_000 })
  })

  test('unfocused time is visible, not engaged', () => {
    expect(replay([0, 'passive'], [3_000, 'look'])).toMatchObject({ total: 3_000, visible: 3_000, engaged: 0 })
  })

  test.each(['hidden', 'frozen'] as const)('%s time is only in the total', (state) => {
    const clocks = replay([0, 'active'], [1_000, state], [61_000, 'look'])
    expect(clocks).toMatchObject({ total: 61_000, visible: 1_000, engaged: 1_000 })
  })

  test('reads 3 s, hides 2 s, returns 2 s: visible 5 s of 7', () => {
    const clocks = replay([0, 'active'], [3_000, 'hidden'], [5_000, 'active'], [7_000, 'look'])
    expect(clocks).toMatchObject({ total: 7_000, visible: 5_000, engaged: 5_000 })
  })

  test('a view that begins late counts from its own begin', () => {
    expect(replay([7_000, 'active'], [8_000, 'look'])).toMatchObject({ startedAt: 7_000, total: 1_000 })
  })

  test('time is counted as what it was, not as what it becomes', () => {
    expect(
      replay([0, 'hidden'], [0, 'active'], [1_000, 'passive'], [3_000, 'active'], [3_000, 'hidden']),
    ).toMatchObject({
      total: 3_000,
      visible: 3_000,
      engaged: 1_000,
    })
  })

  test('a moment before what is counted already adds nothing', () => {
    const { meter } = replay([0, 'active'], [2_000, 'look'])
    meter.count(moment(500))
    meter.count(moment(2_000))
    expect(readClocks(meter)).toMatchObject({ total: 2_000, visible: 2_000, engaged: 2_000 })
    meter.count(moment(2_100))
    expect(readClocks(meter)).toMatchObject({ total: 2_100 })
  })
})

describe('the idle tail', () => {
  test('without any activity only the credit is engaged', () => {
    expect(replay([0, 'active'], [60_000, 'look'])).toMatchObject({ visible: 60_000, engaged: 5_000 })
  })

  test('after a long gap only the credit counts, visible goes on', () => {
    const clocks = replay([0, 'active'], [1_000, 'input'], [60_000, 'look'])
    expect(clocks).toMatchObject({ visible: 60_000, engaged: 6_000 })
  })

  test('a gap of exactly the idle timeout counts whole', () => {
    const clocks = replay([0, 'active'], [0, 'input'], [30_000, 'input'])
    expect(clocks).toMatchObject({ visible: 30_000, engaged: 30_000 })
  })

  test('a gap of 1 ms more counts its credit only', () => {
    const clocks = replay([0, 'active'], [0, 'input'], [30_001, 'input'])
    expect(clocks).toMatchObject({ visible: 30_001, engaged: 5_000 })
  })

  test('a running gap has its credit at once, and the rest when an activity closes it in time', () => {
    const script: Step[] = [
      [0, 'active'],
      [0, 'input'],
      [20_000, 'look'],
    ]
    expect(replay(...script)).toMatchObject({ engaged: 5_000 })
    expect(replay(...script, [20_000, 'input'])).toMatchObject({ engaged: 20_000 })
  })

  test('each long gap has its own credit', () => {
    const clocks = replay([0, 'active'], [60_000, 'input'], [120_000, 'input'], [180_000, 'look'])
    expect(clocks).toMatchObject({ visible: 180_000, engaged: 15_000 })
  })

  test('a gap is measured on the attended clock: hidden time is not in it', () => {
    const clocks = replay([0, 'active'], [10_000, 'hidden'], [610_000, 'active'], [620_000, 'input'])
    expect(clocks).toMatchObject({ total: 620_000, visible: 20_000, engaged: 20_000 })
  })

  test('a gap is measured on the attended clock: unfocused time is not in it', () => {
    const clocks = replay([0, 'active'], [10_000, 'passive'], [610_000, 'active'], [620_000, 'input'])
    expect(clocks).toMatchObject({ total: 620_000, visible: 620_000, engaged: 20_000 })
  })

  test('the credit of a gap is spent once, however often the page loses the focus in it', () => {
    const clocks = replay(
      [0, 'active'],
      [4_000, 'passive'],
      [5_000, 'active'],
      [9_000, 'hidden'],
      [10_000, 'active'],
      [20_000, 'look'],
    )
    expect(clocks).toMatchObject({ total: 20_000, visible: 19_000, engaged: 5_000 })
  })

  test('activity in an unfocused page settles the gap and does not make its time engaged', () => {
    const clocks = replay([0, 'active'], [20_000, 'passive'], [25_000, 'input'], [90_000, 'input'], [100_000, 'look'])
    expect(clocks).toMatchObject({ visible: 100_000, engaged: 20_000 })
  })
})

describe('activity heard of late', () => {
  test('counts when it happened: the gap up to then is short and whole, the time since is a new gap', () => {
    const clocks = replay([0, 'active'], [0, 'input'], [31_000, 'input', 29_000], [60_000, 'look'])
    expect(clocks).toMatchObject({ visible: 60_000, engaged: 29_000 + 5_000 })
  })

  test('the gap up to then is long: its credit, and the new gap began when it happened', () => {
    const clocks = replay([0, 'active'], [60_000, 'input', 58_000], [60_000, 'look'])
    expect(clocks).toMatchObject({ visible: 60_000, engaged: 5_000 + 2_000 })
    expect(clocks.spans).toEqual([
      ['engaged', 0, 5_000],
      ['idle', 5_000, 58_000],
      ['engaged', 58_000, 60_000],
    ])
  })

  test('an activity older than the last one changes nothing', () => {
    const script: Step[] = [
      [0, 'active'],
      [10_000, 'input'],
      [12_000, 'look'],
    ]
    expect(readClocks(replay(...script, [12_000, 'input', 9_000]).meter)).toEqual(readClocks(replay(...script).meter))
  })

  test('an activity from before the view adds nothing to it', () => {
    expect(replay([10_000, 'active'], [11_000, 'input', 2_000], [60_000, 'look'])).toMatchObject({ engaged: 5_000 })
  })
})

describe('a gap that runs on across a route change', () => {
  test('the new view has what is left of the credit', () => {
    expect(replayAfter(3_000, [0, 'active'], [60_000, 'look'])).toMatchObject({ visible: 60_000, engaged: 2_000 })
  })

  test('a slide show does not earn the credit again', () => {
    let gap = 0
    let engaged = 0
    for (let slide = 0; slide < 20; slide++) {
      const view = replayAfter(gap, [0, 'active'], [2_000, 'look'])
      gap = view.meter.gap()
      engaged += view.engaged
    }
    expect(gap).toBe(40_000)
    expect(engaged).toBe(IDLE_CREDIT)
  })

  test('an activity in time settles the own part of the gap, and no more', () => {
    expect(replayAfter(8_000, [0, 'active'], [10_000, 'input'])).toMatchObject({ visible: 10_000, engaged: 10_000 })
  })

  test('the gap is as long as it was in both views together', () => {
    expect(replayAfter(20_000, [0, 'active'], [10_000, 'input'])).toMatchObject({ engaged: 10_000 })
    expect(replayAfter(20_001, [0, 'active'], [10_000, 'input'])).toMatchObject({ engaged: 0 })
  })

  test('after an activity the view earns credit of its own', () => {
    const clocks = replayAfter(90_000, [0, 'active'], [10_000, 'input'], [60_000, 'look'])
    expect(clocks).toMatchObject({ visible: 60_000, engaged: 5_000 })
    expect(clocks.spans).toEqual([
      ['idle', 0, 10_000],
      ['engaged', 10_000, 15_000],
      ['idle', 15_000, 60_000],
    ])
  })

  test('a late activity from before the route change cannot settle more than the view is long', () => {
    expect(replayAfter(20_000, [0, 'active'], [1_000, 'input', -4_000])).toMatchObject({
      visible: 1_000,
      engaged: 1_000,
    })
  })
})

describe('a view opened in the background', () => {
  test('begins when it is first seen', () => {
    const clocks = replay([0, 'hidden'], [90_000, 'active'], [92_000, 'look'])
    expect(clocks).toMatchObject({ startedAt: 90_000, total: 2_000, visible: 2_000, engaged: 2_000 })
    expect(clocks.spans).toEqual([['engaged', 0, 2_000]])
  })

  test('begins when it is first seen, also unfocused', () => {
    const clocks = replay([0, 'hidden'], [90_000, 'passive'], [92_000, 'look'])
    expect(clocks).toMatchObject({ startedAt: 90_000, total: 2_000, visible: 2_000, engaged: 0 })
  })

  test('never seen, it has a total and no visible time', () => {
    expect(replay([0, 'hidden'], [90_000, 'look'])).toMatchObject({ startedAt: 0, total: 90_000, visible: 0 })
  })

  test('once seen, later hidden time stays in the total', () => {
    const clocks = replay([0, 'active'], [1, 'hidden'], [10_000, 'active'], [11_000, 'look'])
    expect(clocks).toMatchObject({ startedAt: 0, total: 11_000, visible: 1_001 })
  })
})

describe('a view cut to where it ended', () => {
  test('found over when hidden: it ends when it was last on screen', () => {
    const { meter } = replay([0, 'active'], [10_000, 'hidden'], [7_200_000, 'look'])
    meter.cut()
    expect(readClocks(meter)).toMatchObject({ total: 10_000, visible: 10_000, engaged: 5_000 })
    expect(meter.read().spans).toEqual([
      ['engaged', 0, 5_000],
      ['idle', 5_000, 10_000],
    ])
  })

  test('a hidden stretch before the last showing stays', () => {
    const { meter } = replay([0, 'active'], [1_000, 'hidden'], [2_000, 'active'], [3_000, 'hidden'], [9_000, 'look'])
    meter.cut()
    expect(readClocks(meter)).toMatchObject({ total: 3_000, visible: 2_000, engaged: 2_000 })
  })

  test('run into inactivity while shown: visible time counts to the last activity and its credit', () => {
    const { meter } = replay([0, 'active'], [20_000, 'input'], [1_880_000, 'look'])
    meter.cut(EPOCH + 20_000)
    expect(readClocks(meter)).toMatchObject({ total: 25_000, visible: 25_000, engaged: 25_000 })
    expect(meter.read().spans).toEqual([['engaged', 0, 25_000]])
  })

  test('the time up to the cut keeps its hidden stretches', () => {
    const { meter } = replay([0, 'active'], [1_000, 'hidden'], [4_000, 'active'], [5_000, 'input'], [1_900_000, 'look'])
    meter.cut(EPOCH + 5_000)
    expect(readClocks(meter)).toMatchObject({ total: 10_000, visible: 7_000, engaged: 7_000 })
    expect(meter.read().spans).toEqual([
      ['engaged', 0, 1_000],
      ['hidden', 1_000, 4_000],
      ['engaged', 4_000, 10_000],
    ])
  })

  test('nothing grows where the view was shorter than the credit', () => {
    const { meter } = replay([0, 'active'], [1_000, 'input'], [2_000, 'look'])
    meter.cut(EPOCH + 1_000)
    expect(readClocks(meter)).toMatchObject({ total: 2_000, visible: 2_000, engaged: 2_000 })
  })

  test('a last activity from before the view leaves what was engaged', () => {
    const { meter } = replayAfter(2_000, [60_000, 'active'], [1_900_000, 'look'])
    meter.cut(EPOCH + 58_000)
    expect(readClocks(meter)).toMatchObject({ total: 3_000, visible: 3_000, engaged: 3_000 })
  })

  test('a machine that slept after the last activity keeps what was read before it', () => {
    const meter = createMeter({ at: 0, wall: 1_000_000 }, 'active', 30_000, 5_000)
    meter.count({ at: 600_000, wall: 1_600_000 })
    meter.settle(600_000)
    meter.count({ at: 640_000, wall: 1_640_000 })
    // Eight hours of sleep, in which the monotonic clock stood still.
    meter.count({ at: 640_000, wall: 1_640_000 + 28_800_000 })
    meter.cut(1_600_000)
    expect(meter.read()).toMatchObject({ totalMs: 605_000, visibleMs: 605_000, engagedMs: 10_000 })
  })

  test('the credit that an unfocused stretch has put off is not taken back, nor what was seen before it ran out', () => {
    const { meter } = replay([0, 'active'], [0, 'input'], [1_000, 'passive'], [20_000, 'active'], [1_900_000, 'look'])
    meter.cut(EPOCH)
    expect(readClocks(meter)).toMatchObject({ total: 24_000, visible: 24_000, engaged: 5_000 })
  })
})

describe('spans', () => {
  test('name what each stretch was', () => {
    const { spans } = replay([0, 'active'], [1_000, 'passive'], [3_000, 'hidden'], [6_000, 'active'], [16_000, 'look'])
    expect(spans).toEqual([
      ['engaged', 0, 1_000],
      ['unfocused', 1_000, 3_000],
      ['hidden', 3_000, 6_000],
      ['engaged', 6_000, 10_000],
      ['idle', 10_000, 16_000],
    ])
  })

  test('hidden and frozen are one stretch', () => {
    const { spans } = replay([0, 'active'], [1_000, 'hidden'], [2_000, 'frozen'], [3_000, 'hidden'], [4_000, 'look'])
    expect(spans).toEqual([
      ['engaged', 0, 1_000],
      ['hidden', 1_000, 4_000],
    ])
  })

  test('a stretch without length is none', () => {
    expect(replay([0, 'active'], [1_000, 'hidden'], [1_000, 'active'], [1_000, 'look']).spans).toEqual([
      ['engaged', 0, 1_000],
    ])
    expect(replay([0, 'active']).spans).toEqual([])
  })

  test('what was idle becomes engaged when an activity closes the gap in time', () => {
    const script: Step[] = [
      [0, 'active'],
      [20_000, 'look'],
    ]
    expect(replay(...script).spans).toEqual([
      ['engaged', 0, 5_000],
      ['idle', 5_000, 20_000],
    ])
    expect(replay(...script, [20_000, 'input'], [21_000, 'look']).spans).toEqual([['engaged', 0, 21_000]])
  })

  test('what was idle becomes engaged on both sides of a hidden stretch', () => {
    const script: Step[] = [
      [0, 'active'],
      [10_000, 'hidden'],
      [20_000, 'active'],
      [30_000, 'look'],
    ]
    expect(replay(...script).spans).toEqual([
      ['engaged', 0, 5_000],
      ['idle', 5_000, 10_000],
      ['hidden', 10_000, 20_000],
      ['idle', 20_000, 30_000],
    ])
    expect(replay(...script, [30_000, 'input']).spans).toEqual([
      ['engaged', 0, 10_000],
      ['hidden', 10_000, 20_000],
      ['engaged', 20_000, 30_000],
    ])
  })

  test('what was idle stays so after a long gap', () => {
    const { spans } = replay([0, 'active'], [60_000, 'input'], [70_000, 'input'])
    expect(spans).toEqual([
      ['engaged', 0, 5_000],
      ['idle', 5_000, 60_000],
      ['engaged', 60_000, 70_000],
    ])
  })

  test('are at most 48, and the clocks stay exact', () => {
    const script: Step[] = [[0, 'active']]
    for (let i = 1; i <= 200; i++) script.push([i * 1_000, i % 2 ? 'passive' : 'active'])
    script.push([201_000, 'input'], [202_000, 'look'])
    const { total, visible, engaged, spans } = replay(...script)
    expect(spans).toHaveLength(MAX_SPANS)
    expect(spans[0]![1]).toBe(0)
    expect(spans.at(-1)![2]).toBe(202_000)
    expect({ total, visible, engaged }).toEqual({ total: 202_000, visible: 202_000, engaged: 5_000 + 1_000 })
  })

  test('over the limit it is the shortest that its neighbour absorbs', () => {
    const script: Step[] = [[0, 'active']]
    let at = 0
    // 47 changes make 48 spans, among them one that is the shortest; the 48th change makes one too many.
    for (let i = 1; i <= 48; i++) {
      at += i === 21 ? 10 : 100
      script.push([at, i % 2 ? 'hidden' : 'active'])
    }
    const { spans } = replay(...script, [at + 100, 'look'])
    expect(spans).toHaveLength(MAX_SPANS)
    expect(spans[19]).toEqual(['hidden', 1_900, 2_010])
    expect(spans[20]).toEqual(['hidden', 2_010, 2_110])
  })
})
