import { arrived, elsewhere } from '../../../e2e/support/engine.ts'
import { read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import { hidden, keepUp, leaveFor, visible } from './acts.ts'

/** From document to document, and the time before the script. */
export const documents: Scenario[] = [
  {
    name: 'pages',
    what: 'three pages in a row, one after the other',
    async run(stage) {
      for (const path of ['/pages/2', '/pages/3']) stage.url(path)
      const tab = await stage.open('/pages/1')
      await keepUp(tab, 'move', 2, 500)
      for (const path of ['/pages/2', '/pages/3']) {
        await leaveFor(tab, path)
        await keepUp(tab, 'move', 2, 500)
      }
    },
  },
  {
    name: 'slow-server',
    what: 'a server that answers after 0.9 s: the page before is on screen and counts until then',
    async run(stage) {
      stage.url('/slow-server/2', { delayMs: 900 })
      const tab = await stage.open('/slow-server/1')
      await keepUp(tab, 'move', 2, 500)
      await leaveFor(tab, '/slow-server/2')
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'reload',
    what: 'reloaded after a second',
    async run(stage) {
      const tab = await stage.open('/reload')
      await keepUp(tab, 'move', 2, 500)
      await elsewhere(tab, () => tab.eval(() => void setTimeout(() => location.reload())))
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'bfcache',
    what: 'to another page and back to the one that the browser kept',
    async run(stage) {
      stage.url('/bfcache/2')
      const tab = await stage.open('/bfcache/1')
      await keepUp(tab, 'move', 2, 500)
      await leaveFor(tab, '/bfcache/2')
      await keepUp(tab, 'move', 2, 600)
      await tab.back()
      await arrived(tab, '/bfcache/1')
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'bfcache-twice',
    what: 'there, back, there, back, each time with a stay of less than a second',
    async run(stage) {
      stage.url('/bfcache-twice/2')
      const tab = await stage.open('/bfcache-twice/1')
      for (let i = 0; i < 2; i++) {
        await keepUp(tab, 'move', 1, 700)
        await leaveFor(tab, '/bfcache-twice/2')
        await keepUp(tab, 'move', 1, 700)
        await tab.back()
        await arrived(tab, '/bfcache-twice/1')
      }
      await read(700)
    },
  },
  {
    name: 'late-script',
    what: 'the script comes 1.5 s after the page',
    async run(stage) {
      const tab = await stage.open('/late-script', { scriptDelayMs: 1_500 })
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'late-script-hidden',
    what: 'the script comes 3 s after the page, which was hidden for a second of them',
    undecidableWithout: 'visibility-state',
    async run(stage) {
      // Put in by the page itself: a script that the server holds back would keep the drivers waiting for the load.
      const head = `<script>
        dwelltimeOptions = ${JSON.stringify(stage.options)}
        setTimeout(() => {
          document.head.append(Object.assign(document.createElement('script'), { src: '/dwelltime.js' }))
        }, 3000)
      </script>`
      const tab = await stage.open('/late-script-hidden', { form: 'none', head })
      await read(700)
      await tab.hide()
      await hidden(tab)
      await read(1_000)
      await tab.show()
      await visible(tab)
      await read(2_500)
      await keepUp(tab, 'move', 1, 500)
    },
  },
]
