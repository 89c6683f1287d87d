import { describe, expect, test } from 'vitest'
import { seconds } from '../../src/core/time.ts'
import { EPOCH, moment } from '../support/replay.ts'
import { openTab, type Shared, type Step, type Tab } from '../support/tab.ts'

/** On the page's clock. */
const minutes = (count: number): number => count * 60_000

/** A session that another tab has begun and used until `lastActivity`. */
const elsewhere = (lastActivity = 0, begin = lastActivity): Shared => ({
  session: { id: 'of another tab', startedAt: EPOCH + begin, lastActivityAt: EPOCH + lastActivity },
})

describe('the first view', () => {
  test('writes nothing before the shared store has answered', () => {
    const tab = openTab({ answers: false }).open('active', [500, 'look'], [900, 'look'])
    expect(tab.records).toEqual([])
    expect(tab.names()).toContain('view:start')
    expect(tab.names()).not.toContain('session:start')
  })

  test('has the session that its page has minted where none goes on', () => {
    const tab = openTab({ answers: false }).open('active', [40, 'answer'])
    expect(tab.detail('session:start')).toHaveLength(1)
    expect(tab.records).toHaveLength(1)
    expect(tab.last()).toMatchObject({ seq: 1, reason: 'start', sessionId: tab.asked[0]!.id, path: '/first' })
    expect(tab.last()).toMatchObject({ startedAt: EPOCH, sessionStartedAt: EPOCH, lastActivityAt: EPOCH })
  })

  test('has the session of another tab where one goes on, and starts none', () => {
    const tab = openTab({ answers: false, shared: elsewhere(-60_000) }).open('active', [40, 'answer'])
    expect(tab.names()).not.toContain('session:start')
    expect(tab.last()).toMatchObject({ seq: 1, sessionId: 'of another tab', sessionStartedAt: EPOCH - 60_000 })
  })

  test('does not have the session of another tab that was over', () => {
    const tab = openTab({ shared: elsewhere(-minutes(31)) }).open('active')
    expect(tab.last().sessionId).toBe(tab.asked[0]!.id)
    expect(tab.shared.session!.id).toBe(tab.asked[0]!.id)
  })

  test('hidden before the store has answered, it leaves with the candidate and keeps that', () => {
    const tab = openTab({ answers: false, shared: elsewhere() })
    tab.open('active', [500, 'hidden'], [600, 'answer'], [700, 'active'], [2_000, 'hidden'])
    expect(tab.reasons()).toEqual(['hidden', 'hidden'])
    expect(tab.records.map(({ sessionId }) => sessionId)).toEqual([tab.asked[0]!.id, tab.asked[0]!.id])
    expect(tab.records.map(({ seq }) => seq)).toEqual([1, 2])
  })

  test('only the next view has the session that the store had', () => {
    const tab = openTab({ answers: false, shared: elsewhere() })
    tab.open('active', [500, 'hidden'], [600, 'answer'], [700, 'active'], [2_000, 'route'])
    expect(tab.last()).toMatchObject({ path: '/page-1', sessionId: 'of another tab' })
  })

  test('counts from when it was on screen, before its page could be measured', () => {
    const tab = openTab().open('active', [3_000, 'hidden'])
    expect(tab.last()).toMatchObject({ startedAt: EPOCH, visibleMs: 3_000 })
  })

  test('opened in the background it is a view with visible 0 that begins when it is shown', () => {
    const tab = openTab().open('hidden', [60_000, 'look'])
    expect(tab.last()).toMatchObject({ reason: 'start', state: 'hidden', visibleMs: 0 })
    tab.play([90_000, 'active'], [93_000, 'hidden'])
    expect(tab.last()).toMatchObject({ startedAt: EPOCH + 90_000, totalMs: 3_000, visibleMs: 3_000 })
  })
})

describe('records', () => {
  test('of a view have a seq that grows by 1, and each view its own id', () => {
    const tab = openTab().open('active').watch(20_000).play([20_000, 'route'], [25_000, 'hidden'])
    const views = groupBy(tab, 'viewId')
    expect(views.size).toBe(2)
    for (const records of views.values()) expect(records.map(({ seq }) => seq)).toEqual(records.map((_, i) => i + 1))
  })

  test('never change once they are written', () => {
    const tab = openTab().open('active').watch(40_000).play([41_000, 'input'], [45_000, 'hidden'], [60_000, 'active'])
    tab.watch(90_000).play([91_000, 'route'], [92_000, 'end'])
    expect(tab.records.length).toBeGreaterThan(10)
    expect(tab.records).toEqual(tab.copies)
  })

  test('tell the last activity of the session', () => {
    const tab = openTab().open('active', [2_000, 'input', 1_500], [4_000, 'hidden'])
    expect(tab.last().lastActivityAt).toBe(EPOCH + 1_500)
  })
})

describe('a route change', () => {
  test('ends the view with all its time and starts one that has none', () => {
    const tab = openTab().open('active', [5_000, 'route'])
    const [end, start] = tab.records.slice(-2)
    expect(end).toMatchObject({ reason: 'end', endReason: 'route', path: '/first', totalMs: 5_000, visibleMs: 5_000 })
    expect(start).toMatchObject({ reason: 'start', seq: 1, path: '/page-1', startedAt: EPOCH + 5_000, totalMs: 0 })
    expect(start!.sessionId).toBe(end!.sessionId)
    expect(end!.sessionEndReason).toBeUndefined()
  })

  test('is no activity: the session ends when it would have ended', () => {
    const tab = openTab().open('active', [minutes(29), 'route'])
    expect(tab.last().lastActivityAt).toBe(EPOCH)
    tab.play([minutes(31), 'look'])
    expect(tab.detail('session:end')).toMatchObject([{ reason: 'inactivity', lastActivityAt: EPOCH }])
  })

  test('does not restart the gap: a slide show earns the credit once', () => {
    const tab = openTab().open('active')
    for (let at = 2_000; at <= 60_000; at += 2_000) tab.play([at, 'route'])
    const ended = tab.records.filter(({ endReason }) => endReason)
    expect(ended.reduce((sum, { visibleMs }) => sum + visibleMs, 0)).toBe(60_000)
    expect(ended.reduce((sum, { engagedMs }) => sum + engagedMs, 0)).toBe(5_000)
  })

  test('in a page whose session is over is no activity either: it waits for one', () => {
    const tab = openTab().open('active', [minutes(31), 'look'])
    const count = tab.records.length
    tab.play([minutes(32), 'route'], [minutes(33), 'look'])
    expect(tab.tracker.read().sessionId).toBeUndefined()
    expect(tab.records).toHaveLength(count)
    tab.play([minutes(34), 'input'])
    expect(tab.last()).toMatchObject({ seq: 1, path: '/page-1', startedAt: EPOCH + minutes(34) })
  })
})

describe('a page that is left', () => {
  test('while shown ends its view', () => {
    const tab = openTab().open('active', [4_000, 'leave'])
    expect(tab.last()).toMatchObject({ reason: 'pagehide', endReason: 'leave', visibleMs: 4_000, state: 'active' })
    expect(tab.last().sessionEndReason).toBeUndefined()
    expect(tab.names()).toContain('view:end')
  })

  test('of a page that is hidden by the time that it hears that it leaves, ends all the same', () => {
    const tab = openTab().open('active')
    tab.tracker.step('leave', 'leave', 'hidden', moment(4_000), 0)
    expect(tab.last()).toMatchObject({ reason: 'pagehide', endReason: 'leave', visibleMs: 4_000 })
  })

  test('while hidden has said all with its last record', () => {
    const tab = openTab().open('active', [4_000, 'hidden'])
    expect(tab.last()).toMatchObject({ reason: 'hidden', totalMs: 4_000 })
    const count = tab.records.length
    tab.play([60_000, 'leave'], [60_001, 'look'])
    expect(tab.records).toHaveLength(count)
  })

  test('before the store has answered still leaves a record', () => {
    const tab = openTab({ answers: false }).open('hidden', [60_000, 'leave'])
    expect(tab.records).toMatchObject([{ seq: 1, reason: 'pagehide', endReason: 'leave', visibleMs: 0 }])
  })

  test('into the back/forward cache and restored has a new view in the same session', () => {
    const tab = openTab().open(
      'active',
      [4_000, 'bfcache'],
      [4_000, 'hidden'],
      [10_000, 'active'],
      [10_000, 'restored'],
    )
    const [end, start] = tab.records.slice(-2)
    expect(end).toMatchObject({ reason: 'pagehide', endReason: 'bfcache', totalMs: 4_000 })
    expect(start).toMatchObject({ reason: 'start', seq: 1, path: '/restored', startedAt: EPOCH + 10_000, totalMs: 0 })
    expect(start!.viewId).not.toBe(end!.viewId)
    expect(start!.sessionId).toBe(end!.sessionId)
  })

  test('and restored when its session is over has a new one', () => {
    const tab = openTab().open('active', [4_000, 'bfcache'], [4_000, 'hidden'])
    tab.play([minutes(40), 'active'], [minutes(40), 'restored'])
    expect(tab.last()).toMatchObject({ reason: 'start', path: '/restored', sessionStartedAt: EPOCH + minutes(40) })
  })
})

describe('hidden and back', () => {
  test('is one view, and a record is written at hidden', () => {
    const tab = openTab().open('active', [3_000, 'hidden'], [5_000, 'active'], [7_000, 'leave'])
    expect(new Set(tab.records.map(({ viewId }) => viewId)).size).toBe(1)
    expect(tab.records.filter(({ reason }) => reason === 'hidden')).toHaveLength(1)
    expect(tab.last()).toMatchObject({ totalMs: 7_000, visibleMs: 5_000, engagedMs: 5_000 })
  })

  test('after at least 1 s is an activity', () => {
    const tab = openTab().open('active', [20_000, 'hidden'], [21_000, 'active'], [21_000, 'look'])
    expect(tab.lastActivityAt()).toBe(EPOCH + 21_000)
    expect(tab.tracker.read().engagedMs).toBe(20_000)
  })

  test('within 1 s is none: opening a window hides a page for some 20 ms', () => {
    const tab = openTab().open('active', [20_000, 'hidden'], [20_999, 'active'], [20_999, 'look'])
    expect(tab.lastActivityAt()).toBe(EPOCH)
    expect(tab.tracker.read().engagedMs).toBe(5_000)
  })

  test('within 1 s does not wake a page whose session is over', () => {
    const tab = openTab().open('active', [minutes(31), 'look'], [minutes(60), 'hidden'], [minutes(60) + 20, 'active'])
    expect(tab.tracker.read().sessionId).toBeUndefined()
  })

  test('input that nobody can see is no activity', () => {
    const tab = openTab().open('active', [2_000, 'hidden'], [9_000, 'input'])
    expect(tab.lastActivityAt()).toBe(EPOCH)
  })
})

describe('inactivity', () => {
  test('on a visible page ends view and session where the last activity and its credit end', () => {
    const tab = openTab().open('active', [10_000, 'input']).watch(minutes(32))
    expect(tab.last()).toMatchObject({
      reason: 'end',
      endReason: 'inactivity',
      sessionEndReason: 'inactivity',
      totalMs: 15_000,
      visibleMs: 15_000,
      engagedMs: 15_000,
    })
    expect(tab.detail('session:end')).toMatchObject([{ reason: 'inactivity', lastActivityAt: EPOCH + 10_000 }])
  })

  test('leaves the page dormant: nothing is written and no look is wanted', () => {
    const tab = openTab().open('active', [minutes(31), 'look'])
    const count = tab.records.length
    expect(tab.tracker.nextLook()).toBe(false)
    tab.play([minutes(40), 'look'], [minutes(50), 'passive'])
    expect(tab.records).toHaveLength(count)
    expect(tab.tracker.read()).toMatchObject({ stands: 'ended', visibleMs: 0 })
    expect(tab.tracker.read().sessionId).toBeUndefined()
  })

  test('is over with the next activity, which starts a new session and view', () => {
    const tab = openTab().open('active', [minutes(31), 'look'], [minutes(45), 'input'])
    const old = tab.records[0]!
    expect(tab.last()).toMatchObject({ seq: 1, reason: 'start', startedAt: EPOCH + minutes(45), path: '/first' })
    expect(tab.last().viewId).not.toBe(old.viewId)
    expect(tab.last().sessionId).not.toBe(old.sessionId)
    expect(tab.last().sessionStartedAt).toBe(EPOCH + minutes(45))
    expect(tab.detail('session:start')).toHaveLength(2)
    tab.play([minutes(45) + 1_000, 'leave'])
    expect(tab.last()).toMatchObject({ visibleMs: 1_000 })
  })

  test('is judged before the activity that finds it counts', () => {
    const tab = openTab().open('active', [minutes(45), 'input'])
    expect(tab.detail('session:end')).toMatchObject([{ reason: 'inactivity', lastActivityAt: EPOCH }])
    expect(tab.records.find(({ endReason }) => endReason)).toMatchObject({ totalMs: 5_000, visibleMs: 5_000 })
    expect(tab.last()).toMatchObject({ seq: 1, startedAt: EPOCH + minutes(45) })
  })

  test('found when the page is shown again ends the view when it was last on screen', () => {
    const tab = openTab().open('active', [10_000, 'hidden'], [minutes(120), 'active'])
    const ended = tab.records.find(({ endReason }) => endReason)
    expect(ended).toMatchObject({ endReason: 'inactivity', totalMs: 10_000, visibleMs: 10_000, engagedMs: 5_000 })
    expect(tab.last()).toMatchObject({ seq: 1, startedAt: EPOCH + minutes(120), totalMs: 0 })
    expect(tab.last().sessionId).not.toBe(ended!.sessionId)
  })

  test('does not pass while the page is hidden: no look is wanted and nothing ends', () => {
    const tab = openTab().open('active', [10_000, 'hidden'])
    expect(tab.tracker.nextLook()).toBe(false)
    tab.play([minutes(120), 'look'])
    expect(tab.names()).not.toContain('session:end')
  })
})

describe('the buffer before the end', () => {
  test('says that the session is ending, once, with the seconds left', () => {
    const tab = openTab().open('active', [minutes(30), 'look'], [minutes(30) + 1_000, 'look'])
    expect(tab.detail('session:ending')).toMatchObject([{ endsAt: EPOCH + minutes(31), secondsLeft: 60 }])
    expect(tab.names()).not.toContain('session:end')
  })

  test('activity in it resumes the session with the same id', () => {
    const tab = openTab().open('active', [minutes(30), 'look'], [minutes(31) - 1, 'input'])
    expect(tab.detail('session:resumed')).toMatchObject([{ id: tab.records[0]!.sessionId }])
    tab.play([minutes(61) - 2, 'look'])
    expect(tab.detail('session:ending')).toHaveLength(1)
    tab.play([minutes(61), 'hidden'])
    expect(tab.last()).toMatchObject({ sessionId: tab.records[0]!.sessionId, viewId: tab.records[0]!.viewId })
  })

  test('activity after it is too late', () => {
    const tab = openTab().open('active', [minutes(30), 'look'], [minutes(31), 'input'])
    expect(tab.names()).not.toContain('session:resumed')
    expect(tab.last().sessionId).not.toBe(tab.records[0]!.sessionId)
  })

  test('of 0 s ends the session at the threshold, without a warning', () => {
    const tab = openTab({ buffer: 0 }).open('active', [minutes(30) - 1, 'look'])
    expect(tab.names()).not.toContain('session:end')
    tab.play([minutes(30), 'look'])
    expect(tab.names()).toContain('session:end')
    expect(tab.names()).not.toContain('session:ending')
  })
})

describe('another tab', () => {
  test('in use keeps the session of this one alive', () => {
    const shared: Shared = {}
    const idle = openTab({ shared }).open('active')
    openTab({ shared }).open('active', [minutes(20), 'input'])
    idle.play([minutes(31), 'look'])
    expect(idle.names()).not.toContain('session:end')
    expect(idle.names()).not.toContain('session:ending')
    expect(idle.lastActivityAt()).toBe(EPOCH + minutes(20))
  })

  test('in use resumes the session that is ending here', () => {
    const shared: Shared = {}
    const idle = openTab({ shared }).open('active', [minutes(30), 'look'])
    openTab({ shared }).open('active', [minutes(30) + 10_000, 'input'])
    idle.play([minutes(30) + 11_000, 'look'])
    expect(idle.names().filter((name) => /^session:(?!stats)/.test(name))).toEqual([
      'session:start',
      'session:ending',
      'session:resumed',
    ])
  })

  test('that ended the session ends it here, the next time that the store is asked', () => {
    const shared: Shared = {}
    const here = openTab({ shared }).open('active')
    openTab({ shared }).open('active', [8_000, 'end'])
    here.play([10_000, 'input'], [10_000, 'look'])
    expect(here.detail('session:end')).toMatchObject([{ reason: 'explicit' }])
    expect(here.last()).toMatchObject({ endReason: 'explicit', sessionEndReason: 'explicit', visibleMs: 10_000 })
    here.play([12_000, 'input'])
    expect(here.last()).toMatchObject({ seq: 1, reason: 'start' })
  })

  test('that began a new session while this one was hidden: the old view ends, a new one joins it', () => {
    const shared: Shared = {}
    const here = openTab({ shared }).open('active', [10_000, 'hidden'])
    const old = here.last()
    const there = openTab({ shared }).open('active', [minutes(50), 'input'], [minutes(119), 'input'])
    expect(there.last().sessionId).not.toBe(old.sessionId)
    here.play([minutes(120), 'active'], [minutes(120) + 3_000, 'hidden'])
    const ofOld = here.records.filter(({ viewId }) => viewId === old.viewId).at(-1)
    expect(ofOld).toMatchObject({ totalMs: 10_000, visibleMs: 10_000, endReason: 'inactivity' })
    expect(here.last()).toMatchObject({ sessionId: there.last().sessionId, visibleMs: 3_000 })
    expect(here.last().viewId).not.toBe(old.viewId)
    expect(here.names()).toContain('session:end')
  })

  test('that ended the session and began a new one: this view does not go on in the old', () => {
    const shared: Shared = {}
    const here = openTab({ shared }).open('active')
    const old = here.last().sessionId
    const there = openTab({ shared }).open('active', [8_000, 'end'], [8_500, 'input'])
    expect(there.last().sessionId).not.toBe(old)
    here.play([20_000, 'input'], [30_000, 'input'], [40_000, 'hidden'])
    expect(here.last().sessionId).toBe(there.last().sessionId)
    expect(here.detail('session:end')).toMatchObject([{ id: old }])
  })
})

describe('end()', () => {
  test('ends view and session now, and tells the other tabs', () => {
    const tab = openTab().open('active', [10_000, 'end'])
    expect(tab.last()).toMatchObject({
      reason: 'end',
      endReason: 'explicit',
      sessionEndReason: 'explicit',
      visibleMs: 10_000,
    })
    expect(tab.shared.session).toMatchObject({ id: tab.last().sessionId, ended: 'explicit' })
    expect(tab.detail('session:end')).toMatchObject([{ reason: 'explicit' }])
  })

  test('while hidden ends the view when it was last on screen', () => {
    const tab = openTab().open('active', [10_000, 'hidden'], [60_000, 'end'])
    expect(tab.last()).toMatchObject({ endReason: 'explicit', totalMs: 10_000, visibleMs: 10_000 })
  })

  test('twice ends once', () => {
    const tab = openTab().open('active', [10_000, 'end'], [11_000, 'end'])
    expect(tab.detail('session:end')).toHaveLength(1)
    expect(tab.detail('view:end')).toHaveLength(1)
  })

  test('the next activity starts a new session', () => {
    const tab = openTab().open('active', [10_000, 'end'], [12_000, 'look'], [15_000, 'input'])
    expect(tab.last()).toMatchObject({ seq: 1, reason: 'start', startedAt: EPOCH + 15_000 })
    expect(tab.last().sessionId).not.toBe(tab.records[0]!.sessionId)
  })

  test('an activity from before it that is heard of after it starts nothing before it', () => {
    const tab = openTab().open('active', [10_000, 'end'], [10_050, 'input', 9_900])
    for (const { startedAt } of [...groupBy(tab, 'viewId').values()].slice(1).flat())
      expect(startedAt).toBeGreaterThanOrEqual(EPOCH + 10_000)
  })
})

describe('an untracked page', () => {
  const open = (shared: Shared = {}) => {
    const tab = openTab({ shared })
    return tab.open('active', [0, 'untracked'])
  }

  test('has a session without a view', () => {
    const tab = open()
    const count = tab.records.length
    tab.play([5_000, 'input'], [9_000, 'hidden'], [12_000, 'active'], [20_000, 'leave'])
    expect(tab.records).toHaveLength(count)
    expect(tab.tracker.read().sessionId).toBeDefined()
  })

  test('keeps the session alive for the other tabs', () => {
    const tab = open()
    tab.play([20_000, 'input'])
    expect(tab.shared.session!.lastActivityAt).toBe(EPOCH + 20_000)
  })

  test('has its session ended by inactivity, too', () => {
    const tab = open().watch(minutes(32))
    expect(tab.detail('session:end')).toMatchObject([{ reason: 'inactivity' }])
  })

  test('left by a route change gives the session a view', () => {
    const tab = open().play([5_000, 'route'])
    expect(tab.last()).toMatchObject({ seq: 1, path: '/page-1', startedAt: EPOCH + 5_000 })
  })
})

describe('what other tabs need to know', () => {
  const shares = (tab: Tab) => tab.asked.length

  test('is shared at the begin, and of activity at most every 5 s', () => {
    const tab = openTab().open('active')
    expect(shares(tab)).toBe(1)
    tab.play([1_000, 'input'], [4_999, 'input'])
    expect(shares(tab)).toBe(1)
    tab.play([5_000, 'input'], [9_999, 'input'])
    expect(shares(tab)).toBe(2)
  })

  test('is shared once: looks after it share nothing', () => {
    const tab = openTab().open('active').watch(60_000)
    expect(shares(tab)).toBe(1)
    tab.play([61_000, 'input']).watch(120_000)
    expect(shares(tab)).toBe(2)
  })

  test('that a session has ended is shared, but for inactivity, of which each tab judges by itself', () => {
    const ends = (tab: Tab) => tab.asked.flatMap(({ ended }) => ended ?? [])
    expect(ends(openTab().open('active', [1_000, 'end']))).toEqual(['explicit'])
    const idle = openTab().open('active').watch(minutes(40))
    expect(idle.detail('session:end').map(({ reason }) => reason)).toEqual(['inactivity'])
    expect(ends(idle)).toEqual([])
  })

  test('is shared 10 times per threshold where that is short', () => {
    const tab = openTab({ threshold: seconds(10) }).open('active', [999, 'input'])
    expect(shares(tab)).toBe(1)
    tab.play([1_000, 'input'])
    expect(shares(tab)).toBe(2)
  })
})

describe('local checkpoints', () => {
  test('come with the visible time, at first often, then at most every 15 s', () => {
    const tab = openTab({ heartbeat: 0 }).open('active').watch(minutes(20))
    const at = tab.records.filter(({ reason }) => reason === 'checkpoint').map(({ visibleMs }) => visibleMs)
    expect(at[0]).toBeLessThanOrEqual(500)
    for (const [i, visible] of at.slice(1).entries()) {
      const passed = visible - at[i]!
      expect(passed).toBeLessThanOrEqual(Math.max(500, Math.min(visible * 0.05 + 1_000, 16_000)))
    }
    expect(at.at(-1)).toBeGreaterThan(minutes(20) - 16_000)
    // 5 % of the time: some 100 in 20 minutes; the first 5 s have up to 20 of them
    expect(at.length).toBeLessThan(200)
  })

  test('are not written for a look that comes early', () => {
    const tab = openTab().open('active', [10_000, 'look'])
    const count = tab.records.length
    tab.play([10_001, 'look'], [10_002, 'passive'], [10_003, 'active'])
    expect(tab.records).toHaveLength(count)
  })

  test('are not written while the page is hidden', () => {
    const tab = openTab().open('active', [10_000, 'hidden'])
    const count = tab.records.length
    tab.play([20_000, 'look'], [60_000, 'look'])
    expect(tab.records).toHaveLength(count)
  })
})

describe('heartbeats', () => {
  const beats = (tab: Tab) => tab.records.filter(({ reason }) => reason === 'heartbeat').map(({ totalMs }) => totalMs)

  test('come every minute while engaged', () => {
    const tab = openTab().open('active')
    for (let at = 10_000; at <= 180_000; at += 10_000) tab.watch(at).play([at, 'input'])
    expect(beats(tab)).toHaveLength(3)
    expect(tab.detail('session:stats').map(({ totalMs }) => totalMs)).toEqual(beats(tab))
    for (const [i, at] of beats(tab).entries()) expect(Math.floor(at / 1_000)).toBe((i + 1) * 60)
  })

  test('stop while nobody is there', () => {
    const tab = openTab().open('active').watch(minutes(10))
    expect(beats(tab)).toHaveLength(1) // with the credit that the start did not have
  })

  test('none with an interval of 0', () => {
    const tab = openTab({ heartbeat: 0 }).open('active')
    for (let at = 10_000; at <= 180_000; at += 10_000) tab.watch(at).play([at, 'input'])
    expect(beats(tab)).toEqual([])
  })
})

describe('the next look', () => {
  test('is wanted after 250 ms at first, 5 % of the visible time later, at most 1 s', () => {
    const tab = openTab().open('active')
    expect(tab.tracker.nextLook()).toBe(250)
    tab.watch(10_000)
    expect(tab.tracker.nextLook()).toBeGreaterThan(450)
    expect(tab.tracker.nextLook()).toBeLessThanOrEqual(500)
    tab.watch(60_000)
    expect(tab.tracker.nextLook()).toBe(1_000)
  })

  test('is wanted by an unfocused page, not by a hidden one', () => {
    const tab = openTab().open('passive')
    expect(tab.tracker.nextLook()).toBe(250)
    expect(tab.play([1_000, 'hidden']).tracker.nextLook()).toBe(false)
    expect(tab.play([2_000, 'active']).tracker.nextLook()).toBeTruthy()
    expect(tab.play([3_000, 'leave']).tracker.nextLook()).toBe(false)
  })

  test('is wanted without a view, too: the session may end', () => {
    expect(openTab().open('active', [10, 'untracked']).tracker.nextLook()).toBe(250)
  })
})

describe('why the clock stands', () => {
  test.each<[string | null, Step[]]>([
    [null, [[4_999, 'look']]],
    ['idle', [[5_000, 'look']]],
    [null, [[20_000, 'input']]],
    ['unfocused', [[1_000, 'passive']]],
    ['hidden', [[1_000, 'hidden']]],
    ['hidden', [[1_000, 'frozen']]],
    ['untracked', [[1_000, 'untracked']]],
    ['ended', [[1_000, 'end']]],
    ['ended', [[minutes(31), 'look']]],
  ])('%s after %j', (stands, script) => {
    expect(
      openTab()
        .open('active', ...script)
        .tracker.read().stands,
    ).toBe(stands)
  })

  test('is told once, when it changes', () => {
    const tab = openTab().open('active', [1_000, 'look'], [6_000, 'look'], [7_000, 'look'], [8_000, 'passive'])
    expect(tab.detail('state')).toEqual([
      { state: 'active', stands: null },
      { state: 'active', stands: 'idle' },
      { state: 'passive', stands: 'unfocused' },
    ])
  })
})

function groupBy({ records }: Tab, key: 'viewId' | 'sessionId') {
  const groups = new Map<string, typeof records>()
  for (const record of records) groups.set(record[key], [...(groups.get(record[key]) ?? []), record])
  return groups
}
