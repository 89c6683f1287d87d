import { DEFAULTS, type Options } from './options.ts'
import { readStart } from './signals/page-lifecycle.ts'
import { createDwell, type Dwell } from './start.ts'

declare global {
  interface Window {
    /** The tracker, or before it has loaded a stub: `dwelltime = { q: [['on', 'session:end', report]] }`. */
    dwelltime?: Partial<Dwell> & { q?: [name: keyof Dwell, ...args: unknown[]][] }
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
      typeof value === typeof usual &&
      (typeof value !== 'number' || (value >= 0 && (name !== 'samplingRate' || value <= 1)))
    if (isFine) options[name] = value
    else if (value !== undefined) console.warn('dwelltime:', name, 'cannot be', text ?? value)
  }
  return options
}

try {
  const there = window.dwelltime
  // Included twice, the first one stays; a placeholder of someone else's goes.
  if (!there?.getState) {
    const dwell = createDwell(
      readOptions((document.currentScript ?? { dataset: {} }) as HTMLScriptElement),
      readStart(),
    )
    window.dwelltime = dwell
    for (const [name, ...args] of there?.q ?? []) (dwell[name] as (...args: unknown[]) => unknown)(...args)
  }
} catch (error) {
  console.warn('dwelltime:', error)
}
