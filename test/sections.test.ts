// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMeter, type Meter } from '../src/core/meter.ts'
import type { Moment } from '../src/core/time.ts'
import { type Around, createExtensibleDwell, type ExtensibleDwell, type Host } from '../src/extend.ts'
import { createInertDwell } from '../src/inert.ts'
import type { Options } from '../src/options.ts'
import type { PageState, ViewRecord } from '../src/protocol/record.ts'
import { type Sections, sections } from '../src/sections.ts'
import { readStart } from '../src/signals/page-lifecycle.ts'
import { stubIntersections } from './support/observers.ts'
import { type OpenPage, openPage } from './support/page.ts'
import { IDLE_CREDIT, IDLE_TIMEOUT, moment, play, RUNS, type Step } from './support/replay.ts'
import { setPage } from './support/scope.ts'

let page: OpenPage
let screen: ReturnType<typeof stubIntersections>
let dwells: ExtensibleDwell[]
let faults: string[]

function measure(options: Options = {}): ExtensibleDwell & Sections {
  const given = { site: 'docs', onError: (error: Error) => void faults.push(error.message), ...options }
  const dwell = createExtensibleDwell(given, dwells.length === 0 ? readStart() : undefined)
  dwells.push(dwell)
  return { ...dwell, ...sections(dwell) }
}

/** An element of the page, marked for the section `name`. */
function mark(name: string): HTMLElement {
  const element = document.createElement('p')
  element.setAttribute('data-dwell', name)
  document.body.append(element)
  return element
}

const lastOf = (path: string): ViewRecord =>
  page
    .records()
    .filter((record) => record.path === path)
    .at(-1)!

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  history.replaceState(null, '', '/first')
  document.body.replaceChildren()
  dwells = []
  faults = []
  page = openPage()
  screen = stubIntersections()
})
afterEach(() => {
  for (const dwell of dwells) dwell.stop()
  page.close()
})

describe('a timer', () => {
  test('runs from its start to its stop, and is in the record', async () => {
    const { timer, stop } = measure()
    await page.pass(1_000)
    const lesson = timer('lesson-1')
    await page.pass(2_000)
    lesson.stop()
    await page.pass(1_000)
    stop()
    expect(page.records().at(-1)).toMatchObject({ totalMs: 4_000, timers: { 'lesson-1': [2_000, 2_000, 2_000] } })
  })

  test('starts and ends at the instant of the call, not at the next look', async () => {
    const { timer, getState } = measure()
    await page.pass(1_000)
    vi.advanceTimersByTime(110)
    const lesson = timer('lesson')
    vi.advanceTimersByTime(70)
    lesson.stop()
    await page.pass(1_000)
    expect(getState().timers).toEqual({ lesson: [70, 70, 70] })
  })

  test('has all three clocks: hidden time is in total, idle time in visible', async () => {
    const { timer, getState } = measure()
    timer('lesson')
    await page.pass(8_000)
    page.show('hidden')
    await page.pass(3_000)
    expect(getState().timers).toEqual({ lesson: [11_000, 8_000, 5_000] })
  })

  test('that begins in idle time goes on with the gap of its view', async () => {
    const { timer, getState } = measure()
    await page.pass(8_000)
    timer('lesson')
    await page.pass(2_000)
    expect(getState()).toMatchObject({ engagedMs: 5_000, timers: { lesson: [2_000, 2_000, 0] } })
    page.input()
    expect(getState()).toMatchObject({ engagedMs: 10_000, timers: { lesson: [2_000, 2_000, 2_000] } })
  })

  test('that is started again adds up, and twice the same name is the same timer', async () => {
    const { timer, getState } = measure()
    const one = timer('lesson')
    await page.pass(1_000)
    expect(timer('lesson')).toBe(one)
    await page.pass(1_000)
    one.stop()
    await page.pass(1_000)
    const two = timer('lesson')
    one.stop() // was over: it is not this one's
    await page.pass(1_000)
    two.stop()
    expect(getState().timers).toEqual({ lesson: [3_000, 3_000, 3_000] })
  })

  test('goes on from 0 in the next view', async () => {
    const { timer } = measure()
    await page.pass(1_000)
    timer('lesson')
    await page.pass(2_000)
    history.pushState(null, '', '/second')
    await page.pass(250) // the route is found by the next look
    await page.pass(1_000)
    page.show('hidden')
    const [first, second] = [lastOf('/first'), lastOf('/second')]
    expect(first.timers).toEqual({ lesson: [first.totalMs - 1_000, first.visibleMs - 1_000, expect.any(Number)] })
    expect(second.timers).toEqual({ lesson: [second.totalMs, second.visibleMs, second.engagedMs] })
    expect(second.totalMs).toBeGreaterThan(0)
  })

  test('that was asked for while no session went on runs with the next view', async () => {
    const { timer, end, getState } = measure()
    await page.pass(1_000)
    end()
    timer('lesson')
    await page.pass(1_000)
    expect(getState().timers).toBeUndefined()
    page.input()
    await page.pass(1_000)
    expect(getState()).toMatchObject({ totalMs: 1_000, timers: { lesson: [1_000, 1_000, 1_000] } })
  })

  test('that began behind a hidden page has the time since then', async () => {
    const { timer, getState } = measure()
    await page.pass(1_000)
    page.show('hidden')
    await page.pass(1_000)
    timer('podcast')
    await page.pass(2_000)
    page.show('visible')
    await page.pass(500)
    expect(getState()).toMatchObject({ totalMs: 4_500, timers: { podcast: [2_500, 500, 500] } })
  })

  test('of a page that has not been seen begins with its view', async () => {
    setPage('hidden')
    const { timer, getState } = measure()
    const early = timer('early')
    timer('lesson')
    await page.pass(2_000)
    early.stop()
    await page.pass(1_000)
    page.show('visible')
    await page.pass(500)
    expect(getState()).toMatchObject({ totalMs: 500, timers: { lesson: [500, 500, 500] } })
    expect(getState().timers).not.toHaveProperty('early')
  })

  test('is cut with its view when the session ran out', async () => {
    const { timer } = measure({
      sessionExpirationThreshold: 0.1,
      bufferTimeBeforeEnd: 2,
      idleTimeout: 2,
      idleCredit: 1,
    })
    timer('lesson')
    await page.pass(3_000)
    timer('later').stop()
    timer('later')
    await page.pass(10_000)
    expect(page.records().at(-1)).toMatchObject({
      endReason: 'inactivity',
      totalMs: 1_000,
      timers: { lesson: [1_000, 1_000, 1_000] },
    })
    expect(page.records().at(-1)!.timers).not.toHaveProperty('later')
  })

  test('without a name that fits is told, and does nothing', async () => {
    const { timer, getState } = measure()
    for (const name of ['', 'x'.repeat(65), undefined, Symbol('x'), Object.create(null)]) timer(name as string).stop()
    timer('x'.repeat(64))
    await page.pass(1_000)
    expect(faults).toHaveLength(5)
    expect(faults[0]).toMatch(/1 to 64 characters/)
    expect(Object.keys(getState().timers!)).toEqual(['x'.repeat(64)])
  })

  test('beyond the 20th of a view has no time there, which is told once', async () => {
    const { timer, getState } = measure()
    const all = Array.from({ length: 22 }, (_, i) => timer(`t${i}`))
    await page.pass(1_000)
    expect(Object.keys(getState().timers!)).toHaveLength(20)
    expect(faults).toEqual([expect.stringMatching(/more than 20.*t20/)])
    for (const one of all.slice(0, 5)) one.stop()
    history.pushState(null, '', '/second')
    await page.pass(2_000)
    expect(Object.keys(getState().timers!)).toEqual(Array.from({ length: 17 }, (_, i) => `t${i + 5}`))
    expect(faults).toHaveLength(1)
  })
})

describe('a section', () => {
  test.each([
    ['half of it', 50, 100, true],
    ['less than half of it', 49, 100, false],
    ['half of the viewport, full of a long one', 500, 20_000, true],
    ['less than half of the viewport, of a long one', 499, 20_000, false],
    ['nothing of it', 0, 100, false],
  ])('is in view with %s', async (_, shown, height, isInView) => {
    const { observe, getState } = measure()
    const element = document.createElement('p')
    observe(element, 'intro')
    screen.show(element, shown, height)
    await page.pass(1_000)
    expect(getState().timers).toEqual(isInView ? { intro: [1_000, 1_000, 1_000] } : undefined)
  })

  test('runs while it is in view, until it is no longer observed', async () => {
    const { observe, getState } = measure()
    const element = document.createElement('p')
    const stop = observe(element, 'intro')
    await page.pass(1_000)
    screen.show(element, 100)
    await page.pass(1_000)
    screen.show(element, 0)
    await page.pass(1_000)
    screen.show(element, 100)
    await page.pass(1_000)
    stop()
    stop()
    await page.pass(1_000)
    expect(getState().timers).toEqual({ intro: [2_000, 2_000, 2_000] })
    expect(screen.open.size).toBe(0)
  })

  test('of several elements, observed twice or timed as well, counts once', async () => {
    const { observe, timer, getState } = measure()
    const [one, two] = [document.createElement('p'), document.createElement('p')]
    const stops = [observe(one, 'intro'), observe(two, 'intro')]
    screen.show(one, 100)
    screen.show(two, 100)
    stops.push(observe(one, 'intro'), timer('intro').stop)
    for (const stop of stops) {
      await page.pass(500)
      stop()
    }
    await page.pass(500)
    expect(getState().timers).toEqual({ intro: [2_000, 2_000, 2_000] })
    expect(screen.open.size).toBe(0)
  })

  test('is found by its attribute, at the start and later, and ends when that goes', async () => {
    const there = mark('there')
    const { getState } = measure()
    const later = mark('later')
    const parent = document.createElement('div')
    parent.append(mark('inside'))
    document.body.append(parent)
    await page.settle()
    for (const element of document.querySelectorAll('[data-dwell]')) screen.show(element, 100)
    await page.pass(1_000)
    parent.remove()
    later.removeAttribute('data-dwell')
    there.setAttribute('data-dwell', 'other')
    await page.settle()
    expect(screen.isWatched(later)).toBe(false)
    screen.show(there, 100)
    await page.pass(1_000)
    const once = [1_000, 1_000, 1_000]
    expect(getState().timers).toEqual({ there: once, later: once, inside: once, other: once })
  })

  test('with a name that does not fit is told once', async () => {
    mark('')
    measure()
    mark('fine')
    await page.settle()
    mark('fine, too')
    await page.settle()
    expect(faults).toEqual([expect.stringMatching(/1 to 64 characters/)])
  })

  test('of what is no element is told', () => {
    const { observe } = measure()
    observe(undefined as unknown as Element, 'intro')()
    expect(faults).toHaveLength(1)
  })
})

describe('with the tracker', () => {
  test('is made once', () => {
    const dwell = measure()
    expect(sections(dwell)).toBe(sections(dwell))
  })

  test('that is inert does nothing', () => {
    const { timer, observe } = sections(createInertDwell())
    timer('lesson').stop()
    observe(document.createElement('p'), 'intro')()
    const off = measure({ enabled: false })
    off.observe(mark('lesson'), 'lesson')
    expect(screen.open.size).toBe(0)
    expect(faults).toEqual([])
  })

  test('nothing is left after its stop()', async () => {
    const mutations = vi.spyOn(MutationObserver.prototype, 'disconnect')
    const dwell = measure()
    const { timer, observe, stop, getState } = dwell
    const element = mark('lesson')
    await page.settle()
    screen.show(element, 100)
    timer('timer')
    await page.pass(1_000)
    stop()
    expect(screen.open.size).toBe(0)
    expect(mutations).toHaveBeenCalledOnce()
    await page.pass(1_000) // the store's time-outs run out

    const posts = page.posts.length
    timer('later').stop()
    observe(mark('after'), 'after')()
    expect(sections(dwell).timer('more')).toBeTruthy()
    await page.pass(1_000)
    expect(screen.open.size).toBe(0)
    expect(page.posts).toHaveLength(posts)
    expect(getState().timers).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
    expect(faults).toEqual([])
  })
})

/** Timers over a meter, without a page: what happens is a script. */
function openView(at: number, state: PageState) {
  vi.stubGlobal(
    'MutationObserver',
    class {
      observe() {}
    },
  )
  const arounds: Around[] = []
  let view: Meter
  let now: Moment = moment(at)
  const host: Host = {
    scope: { signal: new AbortController().signal, guard: (run) => void run() },
    startMeter: (start, from, gap) => createMeter(start, from, IDLE_TIMEOUT, IDLE_CREDIT, gap),
    around: (around) => void arounds.push(around),
    look: () => view.count(now),
  }
  const { timer } = sections({ extend: (extension) => extension(host as never) })
  const begin = (gap?: number) => {
    view = createMeter(now, state, IDLE_TIMEOUT, IDLE_CREDIT, gap)
    for (const around of arounds) view = around(view, now, -1)
    return view
  }
  return {
    begin,
    timer(at: number, name: string) {
      now = moment(at)
      return timer(name)
    },
    play(step: Step) {
      now = moment(step[0])
      play(view, step)
    },
    read: () => view.read() as ReturnType<Meter['read']> & Pick<ViewRecord, 'timers'>,
    view: () => view,
  }
}

const STATES: PageState[] = ['active', 'passive', 'hidden']

/** What happens, how long after the event before. */
const scripts = fc.array(
  fc.tuple(
    fc.oneof(fc.nat(1_500), fc.nat(12_000), fc.nat(45_000), fc.constantFrom(0, IDLE_CREDIT, IDLE_TIMEOUT)),
    fc.oneof(
      fc.constantFrom(...STATES),
      fc.constantFrom('input' as const, 'late' as const, 'look' as const, 'asleep' as const),
      fc.constantFrom('a on' as const, 'a off' as const, 'b on' as const, 'b off' as const),
    ),
  ),
  { maxLength: 40 },
)

/** Plays the script over a view in `first`, and calls `check` after each event. */
function replay(
  first: PageState,
  script: [number, string][],
  gap: number,
  check: (view: ReturnType<typeof openView>, at: number) => void,
) {
  const view = openView(0, first)
  view.begin()
  const timers: Record<string, { stop: () => void }> = { whole: view.timer(0, 'whole') }
  view.begin(gap)
  let at = 0
  let active = 0 // no session ends before its last activity
  for (const [after, what] of script) {
    at += after
    if (what === 'input' || what === 'late') active = at
    const [name, isOn] = what.split(' ')
    if (isOn === 'on') timers[name!] = view.timer(at, name!)
    else if (isOn === 'off') {
      view.timer(at, 'whole')
      timers[name!]?.stop()
    } else if (what === 'late') view.play([at, 'input', Math.max(0, at - 3_000)])
    else if (what === 'asleep') view.view().suspend({ ...moment(at), wall: moment(at).wall + 60_000 }, 60_000)
    else view.play([at, what as Step[1]])
    check(view, at)
  }
  return { view, at, active }
}

describe('in any course of events', () => {
  const cases = [fc.constantFrom(...STATES), scripts, fc.nat(40_000)] as const
  /** How long before the end of the session its last activity was; `null`: it ended behind a hidden page. */
  const ends = fc.option(fc.nat(60_000))
  /** Each looks at the view after every event. */
  const runs = { numRuns: RUNS.numRuns / 4 }
  const LONG = 60_000 // ms, for the runs of CI

  /** Holds after every event, and when the session is over. */
  function always(holds: (view: number[], timers: Record<string, number[]>) => boolean): void {
    const check = ({ read }: ReturnType<typeof openView>) => {
      const { totalMs, visibleMs, engagedMs, timers = {} } = read()
      const view = [totalMs, visibleMs, engagedMs]
      if (!holds(view, timers)) throw Error(JSON.stringify({ view, timers }))
    }
    const property = fc.property(...cases, ends, (first, script, gap, back) => {
      const { view, at, active } = replay(first, script, gap, check)
      view.view().cut(back === null ? undefined : moment(Math.max(active, at - back)).wall)
      check(view)
    })
    fc.assert(property, runs)
  }

  test(
    'a timer that runs for the whole view has the clocks of the view',
    () => always((view, { whole = [0, 0, 0] }) => view.every((ms, i) => ms === whole[i])),
    LONG,
  )

  test(
    '0 <= engaged <= visible <= total, and no clock beyond that of the view',
    () =>
      always((view, timers) =>
        Object.values(timers).every(
          ([total = 0, visible = 0, engaged = 0]) =>
            0 <= engaged &&
            engaged <= visible &&
            visible <= total &&
            [total, visible, engaged].every((ms, i) => ms <= view[i]!),
        ),
      ),
    LONG,
  )
})
