import { mintId } from './browser/id.ts'
import { listen, type Scope } from './browser/scope.ts'
import type { Identity, Page, Standstill, TrackerEvents } from './core/events.ts'
import { createMeter } from './core/meter.ts'
import { cleanPath } from './core/path.ts'
import { isSampled } from './core/sampling.ts'
import { createSessionRule, type Session } from './core/session.ts'
import { type Instant, type Millis, type Moment, minutes, seconds } from './core/time.ts'
import { createTracker } from './core/tracker.ts'
import { type Config, DEFAULTS, isTracked, type Options } from './options.ts'
import { MAX_TITLE, type PageState } from './protocol/record.ts'
import { createQueue } from './queue/queue.ts'
import { updateShared } from './queue/shared-state.ts'
import { createStore } from './queue/store.ts'
import { watchActivity } from './signals/activity.ts'
import { watchMainThread } from './signals/main-thread.ts'
import { watchNavigation } from './signals/navigation.ts'
import { type Emit, readPast, readState, watchPageLifecycle } from './signals/page-lifecycle.ts'
import { createPresence } from './signals/presence.ts'
import { readSource } from './signals/source.ts'
import { createDelivery } from './transport/deliver.ts'

/** What the page can know of its own measurement, now. Durations in ms. */
export interface DwellState {
  state: PageState
  /** Why the engaged clock stands; `null` while it runs. */
  stands: Standstill | 'stopped' | null
  sessionId?: string
  /** Epoch ms: when the session ends if nothing more happens. */
  sessionEndsAt?: number
  viewId?: string
  path?: string
  totalMs: number
  visibleMs: number
  engagedMs: number
  /** This session is recorded. */
  sampled: boolean
  storage: 'indexeddb' | 'memory'
  lastError?: string
}

export interface Dwell {
  /** End the view, send what there is, and leave nothing behind: no listener, no timer but the store's, for a second. */
  stop: () => void
  /** Send now what waits, whatever failed before. Resolves when that is done or has failed. */
  flush: () => Promise<void>
  /** End the session, in all tabs. The next activity starts a new one. */
  end: () => void
  /** A sign that a person is there, which the page knows of and the browser does not. */
  ping: () => void
  /** Send what was held, and go on as usual; or erase it, here and on the device, and stop. */
  setConsent: (consent: 'granted' | 'denied') => Promise<void>
  /** Stop at once without sending, and erase all that is stored on the device. */
  optOut: () => Promise<void>
  /** Who is signed in from now on, in the records of this page; nobody without `userId`. */
  identify: (userId?: string) => void
  /** Run `run` at each `event`; answers what stops that. */
  on: <Name extends keyof TrackerEvents>(event: Name, run: (detail: TrackerEvents[Name]) => void) => () => void
  getState: () => DwellState
}

/** Starts the clocks of a view, or of something inside it, in the state that the page is in. */
export type StartMeter = Parameters<typeof createTracker>[1]

/** Puts something around the meters of all views. */
export type Wrap = (startMeter: StartMeter, scope: Scope) => StartMeter

/**
 * Make every part and connect them: page → events → time → records → queue → collector. `start`: when the page was first
 * on screen, for the first tracker of the page.
 */
export function createDwell(options: Options, start?: Instant, wrap: Wrap = (startMeter) => startMeter): Dwell {
  const config: Config = { ...DEFAULTS, ...options }
  const { samplingRate, samplingUnit, pageGroup } = config
  const isByVisitor = samplingUnit === 'visitor'
  const isPrivate = config.respectGpc && !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl
  const controller = new AbortController()
  const { signal } = controller
  const listeners = new Set<[name: string, run: (detail: never) => void]>()
  let lastError: string | undefined
  let page: Page | undefined
  let route: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let consent: string = config.consent
  let readBusy = (): Millis => Infinity // until it is watched
  const waiting: (() => void)[] = []

  /** Whole milliseconds: sums of differences then stay exact. */
  const momentOf = (at: Instant = performance.now()): Moment => ({
    at: Math.round(at),
    wall: Date.now() - Math.round(performance.now() - at),
  })

  /** A fault of ours: to `onError`, to the console unless it is the same again, never to the page. */
  const onError = (error: unknown): void => {
    const message = `${error}`
    if (message !== lastError) console.warn('dwelltime:', message)
    lastError = message
    try {
      config.onError(error as Error)
    } catch {
      // The host's own handler failed: there is nobody left to tell.
    }
  }

  function guard(run: () => unknown): void {
    try {
      run()
    } catch (error) {
      onError(error)
    }
  }

  const maxSessionMs = minutes(config.maxSessionDuration)
  const sessionRule = createSessionRule(
    minutes(config.sessionExpirationThreshold),
    seconds(config.bufferTimeBeforeEnd),
    maxSessionMs,
  )
  const isIn = (sessionId: string): boolean =>
    isSampled((isByVisitor && (identity.userId || identity.visitorId)) || sessionId, samplingRate)
  const scope: Scope = { signal, guard }
  const readSign = createPresence()
  const isHeld = () => consent !== 'granted'
  const store = createStore(
    () => !samplingRate || !config.enabled || config.storage === 'memory' || isPrivate || isHeld(),
    onError,
  )
  const queue = createQueue(store, Date.now, isHeld, (count, why) => delivery.drop(count, why))
  const delivery = createDelivery(queue, config.collector, Date.now, onError)
  const identity: Identity = {
    site: config.site || location.hostname,
    client: config.client,
    sessionTimeoutMs: sessionRule.timeoutMs,
    maxSessionMs,
    heartbeatMs: seconds(config.heartbeatInterval),
    samplingRate,
    samplingUnit,
  }
  const identify = (userId?: string): void => {
    identity.userId = (!isPrivate && userId) || undefined
  }
  const tracker = createTracker(
    sessionRule,
    wrap(
      (start, state, gap) => createMeter(start, state, seconds(config.idleTimeout), seconds(config.idleCredit), gap),
      scope,
    ),
    seconds(config.idleTimeout),
    seconds(config.idleCredit),
    identity.heartbeatMs,
    seconds(config.checkpointInterval),
    config.thresholds.map((rule) => (typeof rule === 'object' ? rule : { at: +rule })),
    mintId,
    identity,
    readSource(),
    (written) =>
      guard(() => {
        const record = isIn(written.sessionId) && config.beforeSend({ ...written })
        if (!record) return
        queue.put(record)
        delivery.withdraw()
        if (/start|heart|end/.test(record.reason)) delivery.flush()
      }),
    share,
    (name, detail) => {
      if (config.debugMode) console.debug('dwelltime:', name, detail)
      for (const [wanted, run] of listeners) if (wanted === name) guard(() => run(detail as never))
    },
  )

  async function share(mine: Session): Promise<void> {
    const { session, visitor } = await updateShared(
      store,
      sessionRule,
      mine,
      Date.now(),
      config.visitorId && ((id) => isByVisitor || isIn(id)),
      mintId,
    )
    if (signal.aborted) return
    identity.visitorId = visitor?.id
    guard(() => tracker.adopt(mine.id, session))
    arm()
  }

  /** Every event of the page comes through here. One whose meaning other tabs may know better waits for the store. */
  const emit: Emit = (name, detail, at) => {
    if (signal.aborted || !route) return // nothing has begun yet, or has no longer
    const state = readState()
    const isHidden = state === 'hidden'
    const now = momentOf()
    waiting.push(() => tracker.step(name, detail, state, now, readBusy(), at))
    const doubted = name !== 'leave' && !isHidden && tracker.doubt(now.wall)
    if (doubted) share(doubted).then(catchUp)
    else catchUp()
    // When a shown page leaves, hidden comes next, and a beacon from there arrives more often.
    if (isHidden) guard(delivery.beacon)
  }

  /** What waits, in order. A page that is hidden or leaves does not wait: what came before it would be lost. */
  const catchUp = (): void => {
    for (const step of waiting.splice(0)) if (!signal.aborted) guard(step)
    arm()
  }

  /** Have the one timer running while looks are wanted. */
  const arm = (): void => {
    const delay = !signal.aborted && tracker.nextLook()
    if (!delay) {
      timer = void clearTimeout(timer)
      return
    }
    timer ??= setTimeout(guard, delay, look)
    guard(delivery.stand)
  }

  const look = (): void => {
    // Armed before anything else runs: a timer that died by an exception would look like sleep.
    timer = void clearTimeout(timer)
    arm()
    follow()
    if (page) page.title ||= document.title.slice(0, MAX_TITLE) // a router sets the new title late
    const sign = readSign()
    emit(sign ? 'activity' : 'look', sign)
    delivery.tryAgain()
  }

  const readRoute = () =>
    location.pathname + (config.hashRouting ? location.hash : '') + (config.ignoreQuery ? '' : location.search)

  const follow = () => {
    if (route !== readRoute()) enter()
  }

  const enter = () => emit('page', readPage())

  /** What the page is now, if it is to have a view. */
  function readPage(): Page | undefined {
    route = readRoute()
    const url = new URL(location.href)
    const query = `${new URLSearchParams([...url.searchParams].filter(([name]) => config.allowParams.includes(name)))}`
    page = isTracked(config.trackSpecificPages, url)
      ? {
          path: cleanPath(url.pathname + (query && `?${query}`) + (config.hashRouting ? url.hash : '')),
          pageGroup:
            (typeof pageGroup === 'function' ? pageGroup(url) : pageGroup) ||
            document.querySelector<HTMLMetaElement>('meta[name="dwelltime:group"]')?.content,
        }
      : undefined
    return page
  }

  /** The first view, on screen `since`, with what the page was until this script ran. */
  function begin(since: Instant = performance.now()): void {
    readPage()
    let name: 'page' | 'look' = 'page'
    for (const [at, state] of readPast(since)) {
      tracker.step(name, page, state, momentOf(at), readBusy())
      name = 'look'
    }
    look()
    readBusy = watchMainThread(scope)
    watchPageLifecycle(emit, look, enter, scope)
    watchActivity(emit, scope)
    watchNavigation(follow, scope)
    listen(window, 'online', delivery.retry, scope)
  }

  async function optOut(): Promise<void> {
    controller.abort()
    arm()
    delivery.withdraw()
    await store.erase().catch(onError)
  }

  identify(config.userId)
  if (!config.enabled) controller.abort()
  // A page that is prerendered and never shown is no view: nothing begins before its activation.
  else if ((document as { prerendering?: boolean }).prerendering)
    listen(document, 'prerenderingchange', () => begin(), scope)
  else guard(() => begin(start))

  return {
    stop() {
      emit('leave', 'stop')
      guard(delivery.beacon)
      controller.abort()
    },
    flush: delivery.retry,
    end: () => emit('end', undefined),
    ping: () => emit('activity', undefined),
    async setConsent(given) {
      if (given === 'denied') return optOut()
      consent = given
      return delivery.retry()
    },
    optOut,
    identify,
    on(name, run) {
      const listener: [string, typeof run] = [name, run]
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    getState() {
      emit('look', undefined)
      const seen = tracker.read()
      return {
        ...seen,
        ...(signal.aborted && { stands: 'stopped' }),
        sampled: !!seen.sessionId && isIn(seen.sessionId),
        storage: store.isOff() ? 'memory' : 'indexeddb',
        lastError,
      }
    },
  }
}
