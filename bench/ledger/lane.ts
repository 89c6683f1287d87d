import type { EngineName } from '../../e2e/support/engine.ts'
import { makeTempDir, removeDir } from '../../e2e/support/process.ts'
import { type Browser, START } from './browser.ts'
import { startUnattended } from './browsers/unattended.ts'
import { type Place, perform } from './cell.ts'
import type { Cell } from './plan.ts'
import type { CellResult } from './results.ts'

/** One browser, used by one cell after the other: to start one costs as much as most of what is done to it. */
export interface Lane {
  perform(cell: Cell, site: string): Promise<CellResult>
  stop(): Promise<void>
}

export function createLane(engine: EngineName, fixed: Pick<Place, 'facts' | 'collector' | 'logs'>): Lane {
  let usual = createSeat(engine, START[engine])
  return {
    async perform(cell, site) {
      const needsPeace = cell.exit === 'discard' || cell.exit === 'prerender'
      const seat = needsPeace ? createSeat(engine, startUnattended) : usual
      try {
        const result = await perform(cell, site, { ...fixed, ...seat })
        if (seat !== usual) await seat.stop()
        return result
      } catch (error) {
        // What one cell did to its browser must not spoil the next.
        await seat.drop()
        if (seat === usual) usual = createSeat(engine, START[engine])
        throw error
      }
    },
    stop: () => usual.stop(),
  }
}

/** A profile, and the browser that runs on it, if one does. */
function createSeat(name: string, start: (profile: string) => Promise<Browser>) {
  let profile: string | undefined
  let running: Browser | undefined

  const leave = async (end: (browser: Browser) => Promise<unknown>) => {
    if (running) await end(running)
    running = undefined
    if (profile) await removeDir(profile)
    profile = undefined
  }
  return {
    async browser() {
      profile ??= await makeTempDir(name)
      running ??= await start(profile)
      return running
    },
    async browserEnded() {
      await running?.ended()
      running = undefined
    },
    stop: () => leave((browser) => browser.stop()),
    /** Whatever state it is in. */
    drop: () =>
      leave(async (browser) => {
        browser.kill()
        await browser.ended().catch(() => {}) // that it cannot be ended may be what went wrong
      }),
  }
}
