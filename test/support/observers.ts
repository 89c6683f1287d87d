import { vi } from 'vitest'

/** What an element of `height` shows in a viewport of 1,000, and the observers that a test can tell of it. */
export function stubIntersections() {
  const open = new Set<Fake>()

  class Fake {
    elements = new Set<Element>()
    constructor(readonly tell: (entries: IntersectionObserverEntry[]) => void) {}
    observe(element: Element) {
      this.elements.add(element)
      open.add(this)
    }
    unobserve(element: Element) {
      this.elements.delete(element)
      if (!this.elements.size) open.delete(this)
    }
    disconnect() {
      this.elements.clear()
      open.delete(this)
    }
  }
  vi.stubGlobal('IntersectionObserver', Fake)

  return {
    /** Observers that have something to observe. */
    open,
    isWatched: (element: Element) => [...open].some(({ elements }) => elements.has(element)),
    /** `shown` of the element's `height` is on screen. */
    show(element: Element, shown: number, height = 100): void {
      const entry = {
        target: element,
        isIntersecting: shown > 0,
        intersectionRatio: shown / height,
        intersectionRect: { height: shown },
        rootBounds: { height: 1_000 },
      }
      for (const { elements, tell } of open) if (elements.has(element)) tell([entry as IntersectionObserverEntry])
    },
  }
}
