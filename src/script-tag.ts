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

/** What the text of an attribute means for an option that is like `usual`. */
function parse(text: string, usual: unknown): unknown {
  if (typeof usual === 'number') return +(text || 'none')
  if (typeof usual === 'boolean') return text !== 'false'
  return Array.isArray(usual) ? text.split(',').map((part) => part.trim()) : text
}

/** The options of the tag over those of `window.dwelltimeOptions`. A wrong one keeps its default, and is told. */
function readOptions({ dataset, src }: HTMLScriptElement): Options {
  const options: Record<string, unknown> = {
    collector: new URL(DEFAULTS.collector, src || location.href).href,
  }
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    const text = dataset[name]
    const value = name in dataset ? parse(text!, usual) : window.dwelltimeOptions?.[name as keyof Options]
    const isFine =
      (typeof value === typeof usual || (name === 'pageGroup' && typeof value === 'function')) &&
      (typeof value !== 'number' || (value >= 0 && (name !== 'samplingRate' || value <= 1)))
    if (isFine) options[name] = value
    else if (value !== undefined) console.warn('dwelltime:', name, 'cannot be', text ?? value)
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
        readOptions((document.currentScript ?? { dataset: {} }) as HTMLScriptElement),
        readStart(),
      )
      window.dwelltime = dwell
      for (const [name, ...args] of there?.q ?? []) (dwell[name] as (...args: unknown[]) => unknown)(...args)
    }
  } catch (error) {
    console.warn('dwelltime:', error)
  }
}
