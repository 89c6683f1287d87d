import type { Millis } from '../core/time.ts'
import type { Scope } from '../browser/scope.ts'

/**
 * Answers how long the main thread was at work in tasks of over 50 ms since it was asked before: 0 where the browser
 * does not report long tasks (Firefox, Safari). A task that is over is known at once, before the observer is called.
 */
export function watchMainThread({ signal }: Scope): () => Millis {
  let busy = 0
  const add = (entries: PerformanceEntry[]) => {
    for (const task of entries) busy += task.duration
  }
  const observer = new PerformanceObserver((list) => add(list.getEntries()))
  observer.observe({ type: 'longtask' })
  signal.addEventListener('abort', () => observer.disconnect())
  return () => {
    add(observer.takeRecords())
    const sum = busy
    busy = 0
    return sum
  }
}
