import type { ViewError } from './compare.ts'

/** All runs of one scenario in one engine. */
export interface ScenarioResult {
  name: string
  what: string
  views: ViewError[]
  /** Of each run. */
  sumErrors: number[]
  /** See `Comparison`; of each run where the acts can tell. */
  actsOff: number[]
  faults: string[]
  /** False where the engine leaves the product no way to know. */
  counts: boolean
  /** Why it does not count, or could not be driven. */
  note?: string
  worstMs?: number
}

export interface EngineResult {
  engine: string
  version: string
  features: string[]
  scenarios: ScenarioResult[]
  /** Scenarios that this engine cannot be driven to, and why. */
  skipped: { name: string; what: string; why: string }[]
}
