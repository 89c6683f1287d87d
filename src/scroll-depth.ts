import { listen } from './browser/scope.ts'
import { max, min } from './core/time.ts'
import type { Host } from './extend.ts'

/** A route is begun before its page is there, at the place where the page before was scrolled to. */
const SETTLED_MS = 250

/**
 * Have the deepest part of the page that was on screen in the records of each view, as `scrollDepth`: 0 to 1. A page that
 * the viewport holds whole has 1. Only the page itself, not what scrolls inside of it.
 */
export function measureScrollDepth({ scope, around }: Host): void {
  let see = () => {}
  listen(document, 'scroll', () => see(), scope)
  around((meter, { at }) => {
    let depth = 0
    see = () => {
      const { scrollHeight } = document.scrollingElement ?? document.documentElement
      if (!document.hidden && scrollHeight) depth = max(depth, min(1, (scrollY + innerHeight) / scrollHeight))
    }
    return {
      ...meter,
      count(now) {
        meter.count(now)
        if (!depth && now.at - at >= SETTLED_MS) see()
      },
      read: () => Object.assign(meter.read(), { scrollDepth: depth ? Math.round(depth * 100) / 100 : undefined }),
    }
  })
}
