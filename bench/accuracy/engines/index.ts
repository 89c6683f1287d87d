import { driveChromium } from './chromium.ts'
import type { Driver } from './driver.ts'

interface Engine {
  start(): Promise<Driver>
  /** What is not on this machine. */
  missing(): Promise<string | undefined>
}

export const ENGINES: Record<string, Engine> = {
  chromium: { start: driveChromium, missing: async () => undefined },
}
