import type { Threshold } from './core/events.ts'
import type { ViewRecord } from './protocol/record.ts'

/** Which pages have views: an exact path, a path with `*`, a function of the URL, or anything with `.test(url)`. */
export type PageRule = string | ((url: URL) => boolean) | { test: (url: string) => boolean }

/** Rules for durations, in seconds; a number is engaged time of a view. */
export type ThresholdRule = number | Threshold

/** Every option of `start()` and, in kebab-case with `data-` before it, of the script tag. */
export interface Options {
  /** `false`: an inert handle; nothing is stored, sent or listened to. Default `true`. */
  enabled?: boolean
  /** Minutes of inactivity after which a session ends. Default 30. */
  sessionExpirationThreshold?: number
  /** Which pages have views; empty: all. It scopes views only, never the session. Default `[]`. */
  trackSpecificPages?: PageRule[]
  /** Seconds between `session:ending` and the end, in which any activity resumes the session. Default 60. */
  bufferTimeBeforeEnd?: number
  /** 0..1: the share of sessions that is recorded. Default 1. */
  samplingRate?: number
  /** Log each change of state, and why the engaged clock stands. Default `false`. */
  debugMode?: boolean
  /** Where records are posted, exactly as given. Default `/v1/records` at the script's own origin (npm: the page's). */
  collector?: string
  /** The key of everything. Default `location.hostname`. */
  site?: string
  /** `shell_type` in metrics, in PascalCase. Default `ScriptTag`, from npm `NpmModule`. */
  client?: string
  /** Seconds: a gap between two activities up to this long counts whole as engaged. Default 30. */
  idleTimeout?: number
  /** Seconds: what counts of a longer gap. Default 5. */
  idleCredit?: number
  /** Seconds between records sent while engaged; 0: only at start, hidden and end. Default 60. */
  heartbeatInterval?: number
  /** Seconds: the longest time between two local checkpoints of a visible view. Default 15. */
  checkpointInterval?: number
  /** Minutes after which a session ends whatever happens; 0: never. Default 720. */
  maxSessionDuration?: number
  /**
   * Seconds of engaged time in a view, `30` or `{ at: 30, name: 'read' }`; `{ above: 1800 }`: of a session's duration, when
   * it is exceeded; `{ below: 10 }`: when it has ended earlier. Each is told once, as the event `threshold`.
   */
  thresholds?: ThresholdRule[]
  /** The page's content type, or a function of its URL. Default: `<meta name="dwelltime:group">`. */
  pageGroup?: string | ((url: URL) => string | undefined)
  /** `'memory'`: nothing is stored on the device, and each page load is its own session. Default `'indexeddb'`. */
  storage?: 'indexeddb' | 'memory'
  /** `'pending'`: measured in memory and held, until `setConsent()` sends or erases it. Default `'granted'`. */
  consent?: 'granted' | 'pending'
  /** Global Privacy Control: nothing is stored on the device, and nobody is identified. Default `true`. */
  respectGpc?: boolean
  /** What is sampled: sessions, or with `'visitor'` all sessions of a user or device alike. Default `'session'`. */
  samplingUnit?: 'session' | 'visitor'
  /** A change of the fragment is a route change, and the fragment part of the path. Default `false`. */
  hashRouting?: boolean
  /** A change of the query is no route change. Default `false`. */
  ignoreQuery?: boolean
  /** Names of query parameters that are part of the path, as `['v']` of `/watch?v=1`; no other is sent. Default `[]`. */
  allowParams?: string[]
  /** What becomes of each record before it is stored or sent: changed, or dropped where nothing is answered. */
  beforeSend?: (record: ViewRecord) => ViewRecord | undefined | false
  /** Who is signed in, as far as the host wants it known. */
  userId?: string
  /** A random id on this device, for 13 months. Default `true`. */
  visitorId?: boolean
  /** Told of every fault of this library; the page never sees one. */
  onError?: (error: Error) => void
}

export type Config = Required<Options>

/** By kind: like stands beside like, which compresses better. `''`: none, or as the docstring says. */
export const DEFAULTS: Config = {
  site: '',
  pageGroup: '',
  userId: '',
  collector: '/v1/records',
  client: 'ScriptTag',
  samplingUnit: 'session',
  storage: 'indexeddb',
  consent: 'granted',
  trackSpecificPages: [],
  allowParams: [],
  thresholds: [],
  sessionExpirationThreshold: 30,
  bufferTimeBeforeEnd: 60,
  samplingRate: 1,
  idleTimeout: 30,
  idleCredit: 5,
  heartbeatInterval: 60,
  checkpointInterval: 15,
  maxSessionDuration: 720,
  enabled: true,
  visitorId: true,
  respectGpc: true,
  debugMode: false,
  hashRouting: false,
  ignoreQuery: false,
  beforeSend: (record) => record,
  onError() {},
}

/** Whether the page at `url` has views. */
export const isTracked = (rules: PageRule[], url: URL): boolean =>
  !rules.length ||
  rules.some((rule) => {
    if (typeof rule === 'function') return rule(url)
    if (typeof rule !== 'string') return rule.test(url.href)
    // `*` stands for any characters, everything else for itself.
    const pattern = rule.replace(/\W/g, (char) => (char === '*' ? '.*' : `\\${char}`))
    return RegExp(`^${pattern}$`).test(url.pathname)
  })
