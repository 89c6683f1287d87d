import { type EngineFacts, isDeliverable, type Role } from './deliverable.ts'
import { type Judged, type Outcome, outcomeOf, type Stay } from './judge.ts'
import type { Cell } from './plan.ts'

export interface ViewResult {
  role: Role
  outcome: Outcome
  errorMs: number | null
  /** Visible, in truth. */
  trueMs: number
  /** Why the platform cannot deliver it. */
  undeliverable?: string
}

export interface CellResult {
  cell: Cell
  views: ViewResult[]
  /** Rows of no stay. */
  duplicated: number
  /** Visible ms that the sessions have and their views do not: counted twice. */
  sumOverMs: number
  /** How often the record that came most often came. */
  mostDeliveries: number
  requests: number
  /** What the pages did not catch. */
  errors: string[]
  /** Of each view that is not as it should be: what was true and what is stored. */
  evidence: string[]
  ms: number
}

export function viewResult(judged: Judged, cell: Cell, facts: EngineFacts, heldAtExit: Set<string>): ViewResult {
  const { stay, errorMs } = judged
  const deliverable = isDeliverable(cell, stay.role, facts)
  return {
    role: stay.role,
    outcome: outcomeOf(judged, heldAtExit.has(keyOf(stay))),
    errorMs,
    trueMs: Math.round((stay.leastMs + stay.mostMs) / 2),
    ...(deliverable.is ? {} : { undeliverable: deliverable.why }),
  }
}

/** The same stay is read twice, with a little more to say the second time. */
export const keyOf = ({ path, startedAt }: Stay) => `${path} ${Math.round(startedAt)}`
