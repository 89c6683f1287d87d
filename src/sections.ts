import { isShown, type Meter } from './core/meter.ts'
import { type Moment, min } from './core/time.ts'
import type { Extensible, Host } from './extend.ts'
import { measureScrollDepth } from './scroll-depth.ts'

/** What is timed inside the page. Its clocks are in the view's records, as `timers`. */
export interface Sections {
  /**
   * Start the three clocks of `name` (1 to 64 characters), for a lesson or a dialog. While it runs the same name is the
   * same timer; stopped and started again its time in a view adds up; in the next view it goes on from 0.
   */
  timer: (name: string) => Timer
  /**
   * Run the clocks of `name` while `element` is in view: at least half of it, or half of the viewport full of it. Answers
   * what stops that. The same is done for each element with `data-dwell="name"`.
   */
  observe: (element: Element, name: string) => () => void
}

export interface Timer {
  stop: () => void
}

/** Make timers, sections and scroll depth part of what `dwell` measures. Again with the same tracker it answers the same. */
export const sections = (dwell: Extensible): Sections => dwell.extend(createSections) ?? INERT

const INERT: Sections = { timer: () => ({ stop() {} }), observe: () => () => {} }

/** As many names as one record can have, and how long one may be. */
const MAX_NAMES = 20
const MAX_NAME = 64

const ATTRIBUTE = 'data-dwell'
const MARKED = `[${ATTRIBUTE}]`

/** How much of an element, or of the viewport's height. */
const HALF = 0.5

/**
 * Shares of an element at which the browser is to tell how much of it is on screen. Half a viewport is the smaller a share
 * the longer the element is: in steps of a tenth down to one that is as long as 500 viewports.
 */
const STEPS = Array.from({ length: 66 }, (_, i) => HALF * 0.9 ** i)

type Times = [totalMs: number, visibleMs: number, engagedMs: number]

/** The clocks of one name in one view. */
interface Clocks {
  /** The times of its stretches up to the last activity. */
  settled: Times
  /** Those since then, which the end of the session may cut. */
  stretches: Meter[]
  /** The last one goes on. */
  isRunning: boolean
}

/** An element that is watched, and the names that it runs while it is in view, each for a reason of its own. */
interface Watched {
  isInView: boolean
  names: Map<object, string>
}

function createSections(host: Host): Sections {
  const { scope, startMeter, around, look } = host
  const { signal, guard } = scope
  /** The names that are to run, and why: a timer, elements in view. */
  const running = new Map<string, Set<object>>()
  const timers = new Map<string, Timer>()
  const watched = new WeakMap<Element, Watched>()
  const marked = new Map<Element, { name: string; stop: () => void }>()
  let isFull = false

  /** To `onError`, the console, and not to the page. */
  const tell = (message: () => string) =>
    guard(() => {
      throw Error(message())
    })

  function isName(name: unknown): name is string {
    const isFine = typeof name === 'string' && name.length > 0 && name.length <= MAX_NAME
    if (!isFine) tell(() => `the name of a section: want 1 to ${MAX_NAME} characters, got '${name}'`)
    return isFine
  }

  function run(name: string, reason: object): void {
    if (!running.has(name)) running.set(name, new Set())
    running.get(name)!.add(reason)
  }

  function rest(name: string, reason: object): void {
    const reasons = running.get(name)
    reasons?.delete(reason)
    if (!reasons?.size) running.delete(name)
  }

  /** A view's meter, with one more for each name, told of the very same events. */
  function wrap(meter: Meter, start: Moment): Meter {
    const all = new Map<string, Clocks>()
    let counted = start
    let isSeen = isShown(meter.read().state)

    const begin = () => startMeter(counted, meter.read().state, meter.gap())

    /** The clocks of `name`, if it has or gets a place. */
    function find(name: string): Clocks | undefined {
      if (!all.has(name) && all.size < MAX_NAMES) all.set(name, { settled: [0, 0, 0], stretches: [], isRunning: false })
      if (!all.has(name) && !isFull) {
        isFull = true
        tell(() => `more than ${MAX_NAMES} sections in a view: no time for '${name}'`)
      }
      return all.get(name)
    }

    /** Start and end what has been asked for since the moment before. */
    function follow(now: Moment): void {
      counted = now
      for (const [name, clocks] of all) clocks.isRunning &&= running.has(name)
      for (const name of running.keys()) {
        const clocks = find(name)
        if (!clocks || clocks.isRunning) continue
        clocks.isRunning = true
        clocks.stretches.push(begin())
      }
    }

    function each(run: (stretch: Meter) => void): void {
      for (const { isRunning, stretches } of all.values()) if (isRunning) run(stretches.at(-1)!)
    }

    follow(start)
    return {
      ...meter,
      count(now) {
        meter.count(now)
        each((stretch) => stretch.count(now))
        follow(now)
      },
      suspend(now, length) {
        counted = now
        meter.suspend(now, length)
        each((stretch) => stretch.suspend(now, length))
      },
      settle(at) {
        meter.settle(at)
        each((stretch) => stretch.settle(at))
        for (const clocks of all.values()) {
          const ended = clocks.stretches.splice(0, clocks.stretches.length - +clocks.isRunning)
          clocks.settled = sum(clocks.settled, ended)
        }
      },
      turn(next) {
        const wasSeen = isSeen
        isSeen = isShown(next)
        const isFirst = isSeen && !wasSeen && !meter.read().visibleMs
        meter.turn(next)
        for (const clocks of all.values()) {
          const { isRunning, stretches } = clocks
          // The view begins when it is first seen.
          if (isFirst) Object.assign(clocks, { settled: [0, 0, 0], stretches: isRunning ? stretches.slice(-1) : [] })
          // What began later, behind a hidden page, began there.
          else if (isRunning && isSeen && !stretches.at(-1)!.read().visibleMs) stretches.push(begin())
          if (isRunning) clocks.stretches.at(-1)!.turn(next)
        }
      },
      cut(lastActivityAt) {
        for (const { stretches } of all.values()) for (const stretch of stretches) stretch.cut(lastActivityAt)
        return meter.cut(lastActivityAt)
      },
      read: () =>
        Object.defineProperty(meter.read(), 'timers', {
          enumerable: true,
          get: readTimers, // when it is copied: clocks are read far more often than records are written
        }),
    }

    function readTimers(): Record<string, Times> | undefined {
      const view = timesOf(meter)
      const times = [...all].map(([name, { settled, stretches }]) => {
        const sums = sum(settled, stretches)
        // A stretch that ended before the machine slept does not know of that when its session is cut.
        return [name, sums.map((ms, i) => min(ms, view[i]!)) as Times] as const
      })
      const some = times.filter(([, [totalMs]]) => totalMs)
      return some[0] && Object.fromEntries(some)
    }
  }

  function timer(name: string): Timer {
    if (!isName(name)) return INERT.timer(name)
    const one = timers.get(name) ?? {
      stop() {
        if (timers.get(name) !== one) return
        timers.delete(name)
        rest(name, one)
        look()
      },
    }
    if (!timers.has(name)) {
      timers.set(name, one)
      run(name, one)
      look()
    }
    return one
  }

  const viewport = new IntersectionObserver(
    (entries) =>
      guard(() => {
        for (const entry of entries) {
          const one = watched.get(entry.target)
          if (!one) continue
          one.isInView = isInView(entry)
          for (const [reason, name] of one.names) (one.isInView ? run : rest)(name, reason)
        }
        look()
      }),
    { threshold: STEPS },
  )

  function watch(element: Element, name: string): () => void {
    const one = watched.get(element) ?? { isInView: false, names: new Map() }
    const reason = {}
    viewport.observe(element) // again: nothing changes
    watched.set(element, one)
    one.names.set(reason, name)
    if (one.isInView) {
      run(name, reason)
      look()
    }
    return () => {
      if (!one.names.delete(reason)) return
      rest(name, reason)
      if (!one.names.size) {
        viewport.unobserve(element)
        watched.delete(element)
      }
      look()
    }
  }

  function observe(element: Element, name: string): () => void {
    let stop = () => {}
    guard(() => {
      if (!signal.aborted && isName(name)) stop = watch(element, name)
    })
    return stop
  }

  /** Watch the elements that have the attribute now, and no others. */
  function scan(): void {
    for (const [element, { name, stop }] of marked) {
      if (element.isConnected && element.getAttribute(ATTRIBUTE) === name) continue
      marked.delete(element)
      stop()
    }
    for (const element of document.querySelectorAll(MARKED)) {
      const name = element.getAttribute(ATTRIBUTE)!
      if (!marked.has(element)) marked.set(element, { name, stop: observe(element, name) })
    }
  }

  const page = new MutationObserver((records) => {
    if (records.some(concerns)) guard(scan)
  })
  page.observe(document, { subtree: true, childList: true, attributeFilter: [ATTRIBUTE] })

  signal.addEventListener('abort', () => {
    viewport.disconnect()
    page.disconnect()
  })
  around(wrap)
  measureScrollDepth(host)
  scan()
  return { timer, observe }
}

function timesOf(meter: Meter): Times {
  const { totalMs, visibleMs, engagedMs } = meter.read()
  return [totalMs, visibleMs, engagedMs]
}

const sum = (settled: Times, stretches: Meter[]): Times =>
  stretches.map(timesOf).reduce((sums, times) => sums.map((ms, i) => ms + times[i]!) as Times, settled)

/** At least half of it, or as much of it as fills half of the viewport's height. */
const isInView = ({ isIntersecting, intersectionRatio, intersectionRect, rootBounds }: IntersectionObserverEntry) =>
  isIntersecting &&
  (intersectionRatio >= HALF || intersectionRect.height >= HALF * (rootBounds ?? { height: innerHeight }).height)

/** Whether elements with the attribute came, went or changed their name. */
const concerns = ({ type, addedNodes, removedNodes }: MutationRecord): boolean =>
  type === 'attributes' ||
  [...addedNodes, ...removedNodes].some(
    (node) => node instanceof Element && (node.matches(MARKED) || node.querySelector(MARKED)),
  )
