import { setTimeout as delay } from 'node:timers/promises'

const INTERVAL_MS = 50

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>

/** Asks until the answer is truthy, and returns it. The error says what was waited for and what came instead. */
export async function poll<T>(ask: () => T | Promise<T>, what: string, timeoutMs = 10_000): Promise<Truthy<T>> {
  const started = performance.now()
  for (;;) {
    const answer = await ask()
    if (answer) return answer as Truthy<T>
    if (performance.now() - started > timeoutMs) {
      throw new Error(`waited ${timeoutMs} ms for ${what}; last answer: ${JSON.stringify(answer)}`)
    }
    await delay(INTERVAL_MS)
  }
}

/** Stays on the page: the one wait that is an act of the test. Returns how long it really took, in ms. */
export async function read(ms: number): Promise<number> {
  const started = performance.now()
  await delay(ms)
  return performance.now() - started
}
