import { type Clock, median, worst } from './compare.ts'
import type { ScenarioResult } from './results.ts'

/** ms; total has no bound of its own, it follows the others. */
const MEDIAN: Partial<Record<Clock, number>> = { visible: 30, engaged: 50 }
/** Per view, where we have the most evidence; the other engines are held to the medians. */
const WORST: Record<string, Partial<Record<Clock, number>>> = { chromium: { visible: 150, engaged: 250 } }

/** What is worse than promised, one sentence each. */
export function brokenBounds(engine: string, results: ScenarioResult[]): string[] {
  const counted = results.filter(({ counts }) => counts)
  const broken = results.flatMap(({ name, faults }) => faults.map((fault) => `${engine} ${name}: ${fault}`))
  for (const clock of ['visible', 'engaged'] as const) {
    const errors = counted.flatMap(({ views }) => views.map(({ error }) => error[clock]))
    if (!errors.length) continue
    const middle = median(errors.map(Math.abs))
    if (middle > MEDIAN[clock]!)
      broken.push(`${engine}: median error of ${clock} is ${middle} ms, over ${MEDIAN[clock]}`)
    for (const { name, views, worstMs } of counted) {
      const limit = WORST[engine]?.[clock]
      const most = worst(views.map(({ error }) => error[clock]))
      const allowed = limit && Math.max(limit, worstMs ?? 0)
      if (allowed && Math.abs(most) > allowed)
        broken.push(`${engine} ${name}: ${clock} is ${most} ms off, over ${allowed}`)
    }
  }
  return broken
}
