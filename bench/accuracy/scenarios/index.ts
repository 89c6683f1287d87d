import type { Scenario } from '../scenario.ts'
import { clocks } from './clocks.ts'
import { documents } from './documents.ts'
import { frames } from './frames.ts'
import { hiding } from './hiding.ts'
import { media } from './media.ts'
import { reading } from './reading.ts'
import { routes } from './routes.ts'
import { unattended } from './unattended.ts'

/** In the order of the report. */
export const SCENARIOS: Scenario[] = [
  ...reading,
  ...hiding,
  ...media,
  ...frames,
  ...routes,
  ...documents,
  ...unattended,
  ...clocks,
]
