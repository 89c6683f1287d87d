import { DEFAULTS, type Options } from './options.ts'
import { createDwell, type Dwell } from './start.ts'

declare global {
  interface Window {
    /** The tracker, or before it has loaded a stub: `dwelltime = { q: [['on', 'session:end', report]] }`. */
    dwelltime?: Dwell | { q?: [name: keyof Dwell, ...args: unknown[]][] }
    dwelltimeOptions?: Options
  }
}

/** The options of the tag over those of `window.dwelltimeOptions`. A wrong one keeps its default, and is told. */
function readOptions({ dataset, src }: HTMLScriptElement): Options {
  const options: Record<string, unknown> = {
    client: 'ScriptTag',
    collector: new URL(DEFAULTS.collector, src || location.href).href,
  }
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    let value: unknown = dataset[name] ?? window.dwelltimeOptions?.[name as keyof Options]
    if (value === undefined) continue
    if (typeof value === 'string') {
      if (typeof usual === 'number') value = +(value.trim() || NaN)
      if (typeof usual === 'boolean') value = value !== 'false'
      if (typeof usual === 'object') value = (value as string).split(',').map((path) => path.trim())
    }
    const isFine =
      typeof value === 'number' ? value >= 0 && value < (name === 'samplingRate' ? 1.000001 : 1e9) : value !== ''
    if (typeof value === typeof usual && isFine) options[name] = value
    else console.warn(`dwelltime: ${name}: cannot be ${value}; taken for ${usual}`)
  }
  return options
}

try {
  const there = window.dwelltime
  // Included twice, the first one stays; a placeholder of someone else's goes.
  if (!there || !('getState' in there)) {
    const dwell = createDwell(readOptions((document.currentScript ?? { dataset: {} }) as HTMLScriptElement))
    window.dwelltime = dwell
    for (const [name, ...args] of there?.q ?? []) (dwell[name] as (...args: unknown[]) => unknown)(...args)
  }
} catch (error) {
  console.warn('dwelltime:', error)
}
