import { read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { keepUp } from './acts.ts'

/** Under the place where the drivers click. */
const frame = ({ elsewhere }: Stage) =>
  `<iframe style="position: fixed; left: 0; top: 0; width: 90px; height: 60px" src="${elsewhere}/frame"></iframe>`

/** Documents inside the document, of another origin: what happens in them is not seen. */
export const frames: Scenario[] = [
  {
    name: 'frame-focus',
    what: 'a click into an iframe, whose focus is activity, then nothing seen for 4 s',
    async run(stage) {
      const tab = await stage.open('/frame-focus', { head: frame(stage) })
      await read(1_500)
      await tab.input('click')
      await read(4_000)
    },
  },
  {
    name: 'frame-typing',
    what: 'typing in an iframe for 3 s: attended, but idle after idleCredit; then back in the page',
    needs: ['typeInFrames'],
    async run(stage) {
      const tab = await stage.open('/frame-typing', { head: frame(stage) })
      await read(500)
      await tab.input('click')
      await keepUp(tab, 'key', 6, 500)
      await tab.input('move')
      await read(1_000)
    },
  },
]
