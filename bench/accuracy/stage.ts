import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Collector, StoredView } from '../../e2e/support/collector.ts'
import type { Engine, Tab } from '../../e2e/support/engine.ts'
import { type Setup, startPages } from '../../e2e/support/pages.ts'
import { poll } from '../../e2e/support/poll.ts'
import { storedViews } from '../../e2e/support/stored.ts'
import type { Abilities, Driver } from './engines/driver.ts'
import type { LogServer } from './log-server.ts'
import { type Diary, type DiaryEvent, type Known, type TrueView, trueViews } from './truth.ts'

declare global {
  interface Window {
    diary: { read: () => Diary; note: (type: string, more?: Partial<DiaryEvent>) => void }
  }
}

const LOGGER = await readFile(new URL('logger.js', import.meta.url), 'utf8')

/** A few seconds of a scenario are to show what half a minute of a reader does. */
const DEFAULT_OPTIONS = { idleTimeout: 2, idleCredit: 0.5, sessionExpirationThreshold: 30 }

export type Options = Partial<typeof DEFAULT_OPTIONS> & Record<string, unknown>

/** What a scenario acts on. */
export interface Stage {
  engine: Engine
  can: Abilities
  /** Of the SDK, in this scenario. */
  options: Record<string, unknown>
  /** Of the second origin: iframes, sound. */
  elsewhere: string
  url(path: string, setup?: Setup): string
  /** Of a page that is none of the measured: no diary, no SDK. */
  plainUrl(path: string): string
  /** A tab in front, with a page that keeps its diary and has the SDK. */
  open(path: string, setup?: Setup): Promise<Tab>
  /** Have a tab that came in another way read and closed at the end, too. */
  watch(tab: Tab): Tab
  /** What the pages have told so far by themselves. */
  diaries(): Diary[]
  /** One that is only in the way. */
  closeLater(tab: Tab): void
  /** Stop all processes of the browser for as long as `wait` takes. */
  stopFor(wait: () => Promise<unknown>): Promise<void>
}

export interface Measured {
  truth: TrueView[]
  stored: StoredView[]
  diaries: Diary[]
  /** What the pages did not catch. */
  errors: string[]
  /** How long the acts say that the only tab was in front; null where they cannot say. */
  front: { leastMs: number; mostMs: number } | null
}

/** Runs the acts of one scenario on fresh pages: a fresh port is a fresh origin, and so a session of its own. */
export async function perform(
  act: (stage: Stage) => Promise<void>,
  { driver, collector, logs, options }: { driver: Driver; collector: Collector; logs: LogServer; options: Options },
): Promise<Measured> {
  const head = `<script data-log="${logs.origin}/log">${LOGGER}</script>`
  const begun = Date.now()
  // The collector is shared by all runs of an engine: each is a site.
  const site = `run-${randomUUID()}`
  const sdkOptions = { collector: collector.recordsUrl, site, ...DEFAULT_OPTIONS, ...options }
  const pages = await startPages({ form: 'script', options: sdkOptions })
  const tabs: Tab[] = []
  const others: Tab[] = []
  const known = knownOf(options)

  const url = (path: string, setup: Setup = {}) => pages.url(path, { ...setup, head: head + (setup.head ?? '') })
  const watch = (tab: Tab) => {
    tabs.push(tab)
    return tab
  }
  try {
    await act({
      engine: driver.engine,
      can: driver.can as Abilities,
      options: sdkOptions,
      elsewhere: logs.origin,
      url,
      plainUrl: (path) => pages.url(path, { form: 'none' }),
      open: async (path, setup) => watch(await driver.engine.open(url(path, setup))),
      watch,
      diaries: () => logs.take(pages.origin, begun),
      closeLater: (tab) => void others.push(tab),
      async stopFor(wait) {
        await driver.engine.suspend()
        const from = Date.now()
        await wait()
        known.stops.push({ from, to: Date.now() })
        await driver.engine.resume()
      },
    })
    for (const tab of tabs) await readAndHide(tab, logs)
    const diaries = logs.take(pages.origin, begun).sort((a, b) => a.epoch - b.epoch)
    const truth = diaries.flatMap((diary) => trueViews(diary, known)).sort((a, b) => a.startedAt - b.startedAt)
    const stored = await settled(() => storedViews(collector, site), truth.length)
    return {
      truth,
      stored,
      diaries,
      // Without a sound card Firefox says that it cannot decode the sound, and plays it all the same.
      errors: pages.errors.filter((error) => !error.includes('/tone.wav')),
      front: tabs.length === 1 && !known.stops.length ? tabs[0]!.shownTime() : null,
    }
  } finally {
    for (const tab of [...tabs, ...others]) await tab.close().catch(() => {}) // the browser may be what failed
    pages.stop()
  }
}

function knownOf(options: Options): Known {
  const { idleTimeout, idleCredit, sessionExpirationThreshold } = { ...DEFAULT_OPTIONS, ...options }
  return {
    idleTimeoutMs: idleTimeout * 1_000,
    idleCreditMs: idleCredit * 1_000,
    thresholdMs: sessionExpirationThreshold * 60_000,
    hashRouting: !!options.hashRouting,
    stops: [],
  }
}

/** Hidden, and then asked: what is measured here is time, and whether a record survives a closing tab is not. */
async function readAndHide(tab: Tab, logs: LogServer): Promise<void> {
  const isHidden = () => tab.eval(() => document.visibilityState === 'hidden')
  if (!(await isHidden())) await tab.hide()
  await poll(isHidden, 'the page to be hidden')
  await tab.eval(() => (window as { dwelltime?: { flush?: () => Promise<void> } }).dwelltime?.flush?.())
  logs.add(await tab.eval(() => window.diary.read()))
}

/** The views, once there are as many as there should be and none of them is about to change. */
async function settled(read: () => Promise<StoredView[]>, count: number): Promise<StoredView[]> {
  let last = ''
  let views: StoredView[] = []
  const isQuiet = async () => {
    views = await read()
    const isDone = views.length >= count && views.every(({ endReason, state }) => endReason || state !== 'active')
    const now = views.map(({ viewId, seq }) => viewId + seq).join()
    const isSame = now === last
    last = now
    return isDone && isSame
  }
  // What does not come is found by comparing, with a better message than a wait that failed.
  await poll(isQuiet, 'the records', 5_000).catch(() => {})
  return views
}
