import { mintId } from './browser/id.ts'
import { listen, type Scope } from './browser/scope.ts'
import { createMeter } from './core/meter.ts'
import { cleanPath } from './core/path.ts'
import { isSampled } from './core/sampling.ts'
import { createSessionRule, type Session } from './core/session.ts'
import { type Instant, minutes, type Moment, seconds } from './core/time.ts'
import { createTracker, type Page, type PageEvents, type Standstill, type TrackerEvents } from './core/tracker.ts'
import { type Config, DEFAULTS, isTracked, type Options } from './options.ts'
import type { PageState } from './protocol/record.ts'
import { createIdbStore } from './queue/idb-store.ts'
import { createMemoryStore } from './queue/memory-store.ts'
import { createQueue } from './queue/queue.ts'
import { createSafeStore } from './queue/safe-store.ts'
import { updateShared } from './queue/shared-session.ts'
import { watchActivity } from './signals/activity.ts'
import { watchNavigation } from './signals/navigation.ts'
import { readStart, readState, watchPageLifecycle } from './signals/page-lifecycle.ts'
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
  /** This page's records that nobody has acknowledged. */
  queued: number
  /** Records lost to limits, or refused by the collector, that it has not been told of. */
  dropped: number
  lastError?: string
}

export interface Dwell {
  /** End the view, send what there is, and leave nothing behind: no listener, no timer. */
  stop: () => void
  /** Send now what waits, whatever failed before. Resolves when that is done or has failed. */
  flush: () => Promise<void>
  /** End the session, in all tabs. The next activity starts a new one. */
  end: () => void
  /** A sign that a person is there, which the page knows of and the browser does not. */
  ping: () => void
  /** Run `run` at each `event`; answers what stops that. */
  on: <Name extends keyof TrackerEvents>(event: Name, run: (detail: TrackerEvents[Name]) => void) => () => void
  getState: () => DwellState
}

/** Make every part and connect them: page → events → time → records → queue → collector. */
export function createDwell(options: Options): Dwell {
  const config: Config = { ...DEFAULTS, ...options }
  const { samplingRate, userId } = config
  const controller = new AbortController()
  const { signal } = controller
  const listeners = new Set<[name: string, run: (detail: never) => void]>()
  let lastError: string | undefined
  let visitorId: string | undefined
  let page: Page | undefined
  let route: string
  let held: (() => void)[] | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Whole milliseconds: sums of differences then stay exact. */
  const now = (): Moment => ({ at: Math.round(performance.now()), wall: Date.now() })

  /** A fault of ours: to `onError`, to the console unless it is the same again, never to the page. */
  function onError(error: unknown): void {
    const message = String((error as Error)?.message ?? error)
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

  const sessionRule = createSessionRule(
    minutes(config.sessionExpirationThreshold),
    seconds(config.bufferTimeBeforeEnd),
    minutes(config.maxSessionDuration),
  )
  const isIn = (sessionId: string): boolean => isSampled(sessionId, samplingRate)
  const scope: Scope = { signal, guard }
  const store = createSafeStore(samplingRate ? createIdbStore : createMemoryStore, onError)
  const queue = createQueue(store, Date.now, (count) => delivery.drop(count, 'too many or too old'))
  const delivery = createDelivery(queue, config.collector, Date.now, onError)
  const tracker = createTracker(
    sessionRule,
    (start, state, gap) => createMeter(start, state, seconds(config.idleTimeout), seconds(config.idleCredit), gap),
    seconds(config.heartbeatInterval),
    seconds(config.checkpointInterval),
    mintId,
    () => ({
      site: config.site || location.hostname,
      client: config.client,
      sessionTimeoutMs: sessionRule.timeoutMs,
      maxSessionMs: sessionRule.maxMs,
      heartbeatMs: seconds(config.heartbeatInterval),
      samplingRate,
      samplingUnit: 'session',
      ...(visitorId && { visitorId }),
      ...(userId && { userId }),
    }),
    (record) => {
      if (!isIn(record.sessionId)) return
      delivery.put(record)
      if (/start|heart|end/.test(record.reason)) delivery.flush()
    },
    share,
    (name, detail) => {
      if (config.debugMode) console.debug('dwelltime:', name, detail)
      for (const [wanted, run] of listeners) if (wanted === name) guard(() => run(detail as never))
    },
  )

  async function share(mine: Session): Promise<void> {
    try {
      const wantsVisitor = ({ id }: Session) => config.visitorId && isIn(id)
      const shared = await updateShared(store, sessionRule, mine, Date.now(), wantsVisitor, mintId)
      visitorId = shared.visitor?.id
      if (!signal.aborted) tracker.adopt(mine.id, shared.session)
    } catch (error) {
      onError(error)
    }
    arm()
  }

  /** Every event of the page comes through here. One whose meaning other tabs may know better waits for the store. */
  function emit<Name extends keyof PageEvents>(name: Name, detail: PageEvents[Name], at?: Instant): void {
    if (signal.aborted) return
    const heard = now()
    const going = name === 'leave' || detail === 'hidden' || detail === 'frozen'
    const step = () => {
      guard(() => tracker.step(name, detail, heard, at ?? heard.at))
      arm()
    }
    if (going) release()
    if (held) held.push(step)
    else if (!going && readState() !== 'hidden' && tracker.isDoubtful(heard)) {
      const waiting = [step]
      held = waiting
      share(tracker.session()!).then(() => held === waiting && release())
    } else step()
    // When a shown page leaves, hidden comes next, and a beacon from there arrives more often.
    if (going && readState() === 'hidden') guard(delivery.beacon)
  }

  function release(): void {
    const steps = held ?? []
    held = undefined
    for (const step of steps) step()
  }

  /** Have the one timer running while looks are wanted. */
  function arm(): void {
    const delay = signal.aborted ? undefined : tracker.nextLook()
    if (delay) timer ??= setTimeout(look, delay)
    else timer = void clearTimeout(timer)
  }

  function look(): void {
    // Armed before anything else runs: a timer that died by an exception would look like sleep.
    timer = undefined
    arm()
    if (page) page.title ||= document.title // a router sets the new title late
    emit('look', undefined)
    if (delivery.failures()) delivery.flush()
  }

  const readRoute = () => location.pathname + location.search

  /** A view of what the page is now, on screen since `at`. */
  function enter(at?: Instant): void {
    route = readRoute()
    page = isTracked(config.trackSpecificPages, new URL(location.href))
      ? { path: cleanPath(location.pathname) }
      : undefined
    emit('page', page, at)
  }

  function begin(): void {
    emit('state', readState())
    enter(readStart())
    if (page) {
      page.title = document.title
      if (document.referrer) page.referrerHost = new URL(document.referrer).host
    }
    watchPageLifecycle(emit, enter, scope)
    watchActivity(emit, scope)
    watchNavigation(() => route !== readRoute() && enter(), scope)
    listen(window, 'online', delivery.retry, scope)
  }

  if (!config.enabled) controller.abort()
  // A page that is prerendered and never shown is no view: nothing begins before its activation.
  else if ((document as { prerendering?: boolean }).prerendering) listen(document, 'prerenderingchange', begin, scope)
  else guard(begin)

  return {
    stop() {
      emit('leave', 'stop')
      if (!signal.aborted) guard(delivery.beacon)
      controller.abort()
      arm()
    },
    flush: delivery.retry,
    end: () => emit('end', undefined),
    ping: () => emit('activity', undefined),
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
        sampled: isIn(seen.sessionId ?? ''),
        storage: !samplingRate || store.lost() ? 'memory' : 'indexeddb',
        queued: queue.own.size,
        dropped: delivery.dropped(),
        ...(lastError && { lastError }),
      }
    },
  }
}
