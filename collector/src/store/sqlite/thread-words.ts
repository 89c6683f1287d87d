import type { AlertRule } from '../../alerts/rules.ts'
import type { CountingRules } from '../../metrics/counts.ts'
import type { KeptChange } from '../../sessions/keeper.ts'

/** What the thread is started with. */
export interface ThreadSettings {
  file: string
  /** How its keeper counts and what it alerts of; undefined: this process never keeps. */
  keeps: { rules: CountingRules; alerts: readonly AlertRule[] } | undefined
}

/** A method of the store, by its name. */
export interface Ask {
  id: number
  name: string
  input: unknown[]
}

/** The id under which the thread says that it is open. */
export const OPENING = 0

/** What became of one `Ask`, or of the opening; or what the keeper tells. Of errors only the message can be sent. */
export type Answer = { id: number; value?: unknown; problem?: string } | { kept: KeptChange[] }
