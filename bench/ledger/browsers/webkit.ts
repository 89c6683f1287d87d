import { cutPower } from '../../../e2e/support/process-tree.ts'
import { webkitDriver } from '../../../e2e/support/webkit.ts'
import type { Browser } from '../browser.ts'

/** Its automation sessions leave nothing behind: the profile is of no use. */
export async function startWebkit(): Promise<Browser> {
  const engine = await webkitDriver.launch()
  const root = () => engine.pids()[0]!
  return {
    open: engine.open,
    stop: engine.stop,
    kill: () => cutPower(root()),
    quit: engine.stop,
    crash: () => Promise.reject(new Error('the session would end with it')),
    ended: engine.kill,
  }
}
