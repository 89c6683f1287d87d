import { DEFAULTS, type Options } from './options.ts'

type URLPatternLike = { test?: unknown }

interface Want {
  is: (value: unknown) => boolean
  want: string
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0
const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0

const flag: Want = { is: (value) => typeof value === 'boolean', want: 'true or false' }
const text: Want = { is: isText, want: 'a non-empty string' }
const callback: Want = { is: (value) => typeof value === 'function', want: 'a function' }
const amount = (unit: string): Want => ({ is: isNumber, want: `a finite number of ${unit}, 0 or more` })

const WANTS: Record<keyof Options, Want> = {
  enabled: flag,
  sessionExpirationThreshold: { is: (value) => isNumber(value) && value > 0, want: 'a number of minutes over 0' },
  trackSpecificPages: {
    is: (value) => Array.isArray(value) && value.every(isPageRule),
    want: "an array of paths that begin with '/' or '*', functions, or objects with .test(url) (a RegExp without the flags g and y)",
  },
  bufferTimeBeforeEnd: amount('seconds'),
  samplingRate: { is: (value) => isNumber(value) && value <= 1, want: 'a number from 0 to 1' },
  debugMode: flag,
  collector: text,
  site: { is: (value) => isText(value) && value.length <= 255, want: 'a non-empty string of at most 255 characters' },
  client: { is: (value) => /^[A-Z][A-Za-z0-9]{0,63}$/.test(String(value)), want: "a PascalCase word like 'NpmModule'" },
  idleTimeout: amount('seconds'),
  idleCredit: amount('seconds'),
  heartbeatInterval: amount('seconds (0: none)'),
  checkpointInterval: amount('seconds'),
  maxSessionDuration: amount('minutes (0: no limit)'),
  thresholds: {
    is: (value) => Array.isArray(value) && value.every(isThreshold),
    want: 'an array of seconds: numbers, { at }, { above } or { below }, each with a name if you like',
  },
  pageGroup: { is: (value) => isText(value) || typeof value === 'function', want: 'a non-empty string or a function' },
  storage: { is: (value) => value === 'indexeddb' || value === 'memory', want: "'indexeddb' or 'memory'" },
  consent: { is: (value) => value === 'granted' || value === 'pending', want: "'granted' or 'pending'" },
  respectGpc: flag,
  samplingUnit: { is: (value) => value === 'session' || value === 'visitor', want: "'session' or 'visitor'" },
  hashRouting: flag,
  ignoreQuery: flag,
  allowParams: { is: (value) => Array.isArray(value) && value.every(isText), want: 'an array of names of parameters' },
  beforeSend: callback,
  userId: { is: (value) => isText(value) && value.length <= 256, want: 'a non-empty string of at most 256 characters' },
  visitorId: flag,
  onError: callback,
}

/**
 * Throws a `TypeError` that names the first wrong option, its value, and what would be right. `undefined` is as if
 * the option were left out.
 */
export function checkOptions(options: Options): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`dwelltime: options: want an object, got ${show(options)}`)
  for (const [name, value] of Object.entries(options)) {
    const want = Object.hasOwn(WANTS, name) && WANTS[name as keyof Options]
    if (!want) throw new TypeError(`dwelltime: ${name}: no such option; there are ${Object.keys(WANTS).join(', ')}`)
    if (value !== undefined && !want.is(value)) fail(name, value, want.want)
  }
  const { idleCredit, idleTimeout } = { ...DEFAULTS, ...options }
  if (idleCredit > idleTimeout) fail('idleCredit', idleCredit, `at most idleTimeout (${idleTimeout})`)
}

function fail(name: string, value: unknown, want: string): never {
  throw new TypeError(`dwelltime: ${name}: want ${want}, got ${show(value)}`)
}

function isPageRule(value: unknown): boolean {
  if (typeof value === 'string') return /^[/*]/.test(value)
  // A RegExp with the flag g or y remembers where it was, and says something else each time.
  if (value instanceof RegExp) return !value.global && !value.sticky
  return typeof value === 'function' || typeof (value as URLPatternLike | null)?.test === 'function'
}

/** One duration, and perhaps a name for it. */
function isThreshold(value: unknown): boolean {
  if (isNumber(value)) return true
  if (typeof value !== 'object' || value === null) return false
  const { name, ...durations } = value as Record<string, unknown>
  const [[kind, duration] = [], ...others] = Object.entries(durations)
  return (
    (name === undefined || isText(name)) && /^(at|above|below)$/.test(`${kind}`) && isNumber(duration) && !others.length
  )
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'number') return String(value)
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
