import { DEFAULTS, type Options } from './options.ts'
import type { Sections } from './sections.ts'
import { readStart } from './signals/page-lifecycle.ts'
import type { createDwell, Dwell } from './start.ts'

/** `timer` and `observe` are in `dwelltime.full.js`. */
type Tracker = Dwell & Partial<Sections>

declare global {
  interface Window {
    /** The tracker, or before it has loaded a stub: `dwelltime = { q: [['on', 'session:end', report]] }`. */
    dwelltime?: Partial<Tracker> & { q?: [name: keyof Tracker, ...args: unknown[]][] }
    dwelltimeOptions?: Options
  }
}

/** What `given` means for an option that is like `usual`: an attribute is always text. */
const parse = (given: unknown, usual: unknown): unknown => {
  if (typeof given !== 'string') return given
  if (typeof usual === 'number') return given && +given
  if (typeof usual === 'boolean') return given !== 'false'
  return typeof usual === 'object' ? given.split(',').map((part) => part.trim()) : given
}

/** The options of the tag over those of `window.dwelltimeOptions`. A wrong one keeps its default, and is told. */
const readOptions = ({ dataset, src }: Partial<HTMLScriptElement>): Options => {
  const given: Record<string, unknown> = { ...window.dwelltimeOptions, ...dataset }
  const options: Record<string, unknown> = {
    collector: new URL(DEFAULTS.collector, src || location.href).href,
  }
  let name: keyof Options
  for (name in DEFAULTS) {
    const usual = DEFAULTS[name]
    const value = parse(given[name], usual)
    const isFine =
      (typeof value === typeof usual || (name === 'pageGroup' && typeof value === 'function')) &&
      (typeof value !== 'number' || (value >= 0 && (name !== 'samplingRate' || value <= 1)))
    if (isFine) options[name] = value
    else if (value !== undefined) console.warn('dwelltime:', name, 'cannot be', given[name])
  }
  return options
}

/** Makes a tracker with the options of the script's tag, and makes it the page's. */
export function attach(create: typeof createDwell): void {
  try {
    const there = window.dwelltime
    // Included twice, the first one stays; a placeholder of someone else's goes.
    if (!there?.getState) {
      const dwell: Tracker = create(
        readOptions((document.currentScript ?? {}) as Partial<HTMLScriptElement>),
        readStart(),
      )
      window.dwelltime = dwell
      for (const [name, ...args] of there?.q ?? []) (dwell[name] as (...args: unknown[]) => unknown)(...args)
    }
  } catch (error) {
    console.warn('dwelltime:', error)
  }
}
