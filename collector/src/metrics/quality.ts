const MINUTE_MS = 60_000

/** A view counts in the quality for so long after its end. */
const WINDOW_MINUTES = 60

/** How much of the visible time of views that ended in the last hour was engaged. It begins anew with the process. */
export interface Quality {
  note(componentName: string, view: { visibleMs: number; engagedMs: number }): void
  /** 0..100 for each component of which any view ended, to two decimals. */
  scores(): Map<string, number>
}

interface Minute {
  visibleMs: number
  engagedMs: number
}

export function createQuality(now: () => Date): Quality {
  const components = new Map<string, Map<number, Minute>>()
  const thisMinute = () => Math.floor(now().getTime() / MINUTE_MS)

  return {
    note(componentName, { visibleMs, engagedMs }) {
      const minutes = components.get(componentName) ?? new Map<number, Minute>()
      components.set(componentName, minutes)
      const minute = minutes.get(thisMinute()) ?? { visibleMs: 0, engagedMs: 0 }
      minutes.set(thisMinute(), minute)
      minute.visibleMs += visibleMs
      minute.engagedMs += engagedMs
      for (const at of minutes.keys()) if (at <= thisMinute() - WINDOW_MINUTES) minutes.delete(at)
    },
    scores() {
      const scores = new Map<string, number>()
      for (const [componentName, minutes] of components) {
        let visibleMs = 0
        let engagedMs = 0
        for (const [at, minute] of minutes) {
          if (at <= thisMinute() - WINDOW_MINUTES) continue
          visibleMs += minute.visibleMs
          engagedMs += minute.engagedMs
        }
        if (visibleMs > 0) scores.set(componentName, Math.round((10_000 * engagedMs) / visibleMs) / 100)
      }
      return scores
    },
  }
}
