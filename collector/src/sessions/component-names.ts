import { SESSION_STARTS } from '../metrics.ts'
import type { Count } from '../store/store.ts'

/** The most sites that get series of their own; the rest share `other`. A page can send any site it likes. */
export const MAX_COMPONENT_NAMES = 200

/** The name of all sites beyond the limit, and of a site without a letter or digit. */
const OTHER = 'other'

/** Gives each site its `component_name`, within the limit; those counted before keep theirs. */
export function createComponentNames(counters: readonly Count[]): { of: (site: string) => ComponentName } {
  const starts = counters.filter((count) => count.name === SESSION_STARTS)
  const names = new Set(starts.map((count) => count.labels.component_name))
  names.delete(OTHER)

  return {
    of(site) {
      const name = componentName(site)
      if (!names.has(name) && names.size >= MAX_COMPONENT_NAMES) return { name: OTHER, isFolded: true }
      names.add(name)
      return { name, isFolded: false }
    },
  }
}

export interface ComponentName {
  name: string
  /** Whether it lost its own name to the limit. */
  isFolded: boolean
}

/** Lower case with hyphens; dots are kept, since most sites are host names. */
const componentName = (site: string): string =>
  site
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64) || OTHER
