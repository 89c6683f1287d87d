import type { Count } from '../store/store.ts'

/** The most sites that get series of their own; the rest share `other`. A page can send any site it likes. */
export const MAX_COMPONENT_NAMES = 200

/** The most pairs of site and page group; each is some 30 lines of `/metrics`. */
export const MAX_PAGE_SERIES = 300

/** The name of all that is beyond a limit, and of a site without a letter or digit. */
export const OTHER = 'other'

/** Keeps labels few, whatever is sent. */
export interface Labels {
  /** The `component_name` of a site. */
  componentName(site: string): Label<string>
  /** The labels of a view's histograms. */
  ofPage(componentName: string, pageGroup: string | undefined): Label<PageLabels>
}

export interface PageLabels {
  component_name: string
  page_group: string
}

export interface Label<T> {
  value: T
  /** Whether it lost its own name to the limit. */
  isFolded: boolean
}

/** The counters whose labels tell which names are taken: what was counted under its own name keeps it. */
export const LABEL_SOURCES = ['session_start_total', 'page_visible_seconds_sum']

export function createLabels(counters: readonly Count[], pageGroups: readonly string[]): Labels {
  const names = new Set<string>()
  const pages = new Set<string>()
  for (const { name, labels } of counters) {
    if (name === 'session_start_total') names.add(labels.component_name!)
    if (name === 'page_visible_seconds_sum') pages.add(keyOf(labels as unknown as PageLabels))
  }
  names.delete(OTHER)

  function take(known: Set<string>, key: string, limit: number): boolean {
    if (!known.has(key) && known.size >= limit) return false
    known.add(key)
    return true
  }

  return {
    componentName(site) {
      const name = componentNameOf(site)
      return name === OTHER || take(names, name, MAX_COMPONENT_NAMES)
        ? { value: name, isFolded: false }
        : { value: OTHER, isFolded: true }
    },
    ofPage(component_name, pageGroup = '') {
      const page_group = pageGroups.includes(pageGroup) ? pageGroup : OTHER
      const value = { component_name, page_group }
      if (take(pages, keyOf(value), MAX_PAGE_SERIES)) return { value, isFolded: false }
      return { value: { component_name: OTHER, page_group: OTHER }, isFolded: true }
    },
  }
}

const keyOf = ({ component_name, page_group }: PageLabels) => `${component_name} ${page_group}`

/** Lower case with hyphens; dots are kept, since most sites are host names. */
export const componentNameOf = (site: string): string =>
  site
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .slice(0, 64)
    .replace(/^-|-$/g, '') || OTHER
