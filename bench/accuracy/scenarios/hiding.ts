import type { Tab } from '../../../e2e/support/engine.ts'
import { read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { hidden, keepUp, visible } from './acts.ts'

/** By a link of a page that is not measured: /next, which nobody sees yet. */
async function openBehind(stage: Stage): Promise<Tab> {
  const host = await stage.engine.open(stage.plainUrl('/host'))
  stage.url('/next')
  const tab = stage.watch(await host.openBehind('#next'))
  stage.closeLater(host)
  return tab
}

/** Tabs and windows, in front and not. */
export const hiding: Scenario[] = [
  {
    name: 'hide-show',
    what: 'hidden and shown eight times, shorter and longer than a second',
    async run(stage) {
      const tab = await stage.open('/hide-show')
      for (let i = 0; i < 8; i++) {
        await read(500)
        await tab.hide()
        await read(i % 2 ? 1_200 : 300)
        await tab.show()
      }
      await read(500)
    },
  },
  {
    name: 'hidden-long',
    what: 'read, hidden for 4 s, which is no idle time, read on without a touch',
    async run(stage) {
      const tab = await stage.open('/hidden-long')
      await tab.input('move')
      await read(1_000)
      await tab.hide()
      await read(4_000)
      await tab.show()
      await read(1_500)
    },
  },
  {
    name: 'hidden-timers',
    what: 'a page with timers of its own that the browser slows while it is hidden for 3 s',
    async run(stage) {
      const tab = await stage.open('/hidden-timers')
      await tab.eval(() => {
        for (const ms of [20, 100, 1_000]) setInterval(() => Math.sqrt(ms), ms)
      })
      await read(1_000)
      await tab.hide()
      await read(3_000)
      await tab.show()
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'minimise',
    what: 'its window minimised for 2 s',
    needs: ['minimise'],
    async run(stage) {
      const tab = await stage.open('/minimise')
      await read(1_000)
      await stage.can.minimise(tab)
      await hidden(tab)
      await read(2_000)
      await stage.can.restore(tab)
      await visible(tab)
      await read(1_000)
    },
  },
  {
    name: 'other-window',
    what: 'another window in front for 2 s: visible, but not attended',
    needs: ['coverWithWindow'],
    async run(stage) {
      const tab = await stage.open('/other-window')
      await keepUp(tab, 'move', 2, 500)
      const uncover = await stage.can.coverWithWindow(tab, 'about:blank')
      await read(2_000)
      await uncover()
      await tab.show()
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'second-window',
    what: 'another page of the site in a window in front for 2 s, both on screen',
    needs: ['coverWithWindow'],
    severalTabs: true,
    async run(stage) {
      const url = stage.url('/second-window')
      const tab = await stage.open('/first-window')
      await keepUp(tab, 'move', 2, 500)
      const uncover = await stage.can.coverWithWindow(tab, url)
      await read(2_000)
      await uncover()
      await tab.show()
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'two-windows',
    what: 'two windows with a page each, used in turn',
    needs: ['openWindow'],
    severalTabs: true,
    async run(stage) {
      const one = await stage.open('/two-windows')
      await keepUp(one, 'move', 2, 500)
      const url = stage.url('/two-windows/2')
      const two = stage.watch(await stage.can.openWindow(url))
      await keepUp(two, 'move', 3, 500)
      await one.show()
      await keepUp(one, 'move', 3, 500)
    },
  },
  {
    name: 'behind-then-seen',
    what: 'opened in a background tab, looked at 2 s later',
    async run(stage) {
      const tab = await openBehind(stage)
      await read(2_000)
      await tab.show()
      await keepUp(tab, 'move', 3, 500)
    },
  },
  {
    name: 'behind-never-seen',
    what: 'opened in a background tab and never looked at',
    async run(stage) {
      await openBehind(stage)
      await read(2_000)
    },
  },
  {
    name: 'two-tabs',
    what: 'two tabs of the site, one in front of the other, in turn',
    severalTabs: true,
    async run(stage) {
      const one = await stage.open('/two-tabs')
      await keepUp(one, 'move', 2, 400)
      const two = await stage.open('/second-tab')
      await keepUp(two, 'move', 3, 500)
      await one.show()
      await keepUp(one, 'move', 2, 400)
      await two.show()
      await read(700)
    },
  },
  {
    name: 'freeze',
    what: 'hidden, frozen by the browser for 2 s, and back',
    needs: ['freeze'],
    async run(stage) {
      const tab = await stage.open('/freeze')
      await keepUp(tab, 'move', 2, 500)
      await tab.hide()
      await hidden(tab)
      await stage.can.freeze(tab)
      await read(2_000)
      await stage.can.thaw(tab)
      await tab.show()
      await visible(tab)
      await read(1_000)
    },
  },
]
