import type { Ability } from './engines/driver.ts'
import type { Options, Stage } from './stage.ts'

export interface Scenario {
  name: string
  /** What happens, in the words of the report. */
  what: string
  options?: Options
  /** What not every engine can be made to do, or does not have. */
  needs?: (Ability | Feature)[]
  /** The most that one view may be off, in ms, where the product's rule itself says so. */
  worstMs?: number
  /** Without this feature of the engine the product cannot know: measured and told, not counted. */
  undecidableWithout?: Feature
  /** One tab may be shown before the other is hidden: the sum of their times says nothing. */
  severalTabs?: boolean
  run(stage: Stage): Promise<void>
}

/** Of the engine itself, not of its driver. */
export type Feature = 'longtask' | 'visibility-state' | 'media'
