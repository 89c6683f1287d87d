/** The sites that may send, each with the origins that may send for it; none given: any may. */
export type Sites = ReadonlyMap<string, readonly string[]>

const WANT = 'want sites with their origins, as in docs=https://docs.example.org|https://example.org,shop'

/** Reads `site=origin|origin,site`. Throws an Error that says what was wanted. */
export function readSites(text: string): Sites {
  const sites = new Map<string, string[]>()
  for (const entry of text.split(',')) {
    if (entry.trim() === '') continue
    const [site = '', ...rest] = entry.split('=').map((part) => part.trim())
    const origins = rest.flatMap((list) => list.split('|').map((origin) => origin.trim().toLowerCase()))
    if (site === '' || rest.length > 1 || !origins.every(isOrigin)) throw new Error(WANT)
    sites.set(site, [...(sites.get(site) ?? []), ...origins])
  }
  return sites
}

/** What keeps records of this site from this origin out, as `field: want …`; undefined if nothing does. */
export function siteRefused(sites: Sites, site: string, origin: string | undefined): string | undefined {
  if (sites.size === 0) return undefined
  const origins = sites.get(site)
  if (!origins) return 'site: want one that this collector was told to take'
  if (origins.length === 0 || (origin && origins.includes(origin.toLowerCase()))) return undefined
  return 'origin: want one that this collector was told to take for the site'
}

function isOrigin(text: string): boolean {
  try {
    const { origin, protocol } = new URL(text)
    return origin === text && (protocol === 'https:' || protocol === 'http:')
  } catch {
    return false
  }
}
