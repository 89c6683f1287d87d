import { arrived, type Tab } from '../../../e2e/support/engine.ts'
import { read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import { keepUp } from './acts.ts'

type Change = 'pushState' | 'replaceState'

/**
 * Without the Navigation API no event tells of it: then it is noted in the same breath, in the middle of the call, since
 * others may be called in between and take their time.
 */
const change = (tab: Tab, how: Change, to: string) =>
  tab.eval(
    ([how, to]) => {
      const before = performance.now()
      history[how as Change]({ to }, '', to)
      if (typeof navigation === 'undefined') window.diary.note('route', { at: (before + performance.now()) / 2 })
    },
    [how, to],
  )
const push = (tab: Tab, to: string) => change(tab, 'pushState', to)

const jump = (tab: Tab, hash: string) =>
  tab.eval((to) => {
    const at = performance.now()
    location.hash = to
    if (typeof navigation === 'undefined') window.diary.note('route', { at })
  }, hash)

/** Pages that change without a load. */
export const routes: Scenario[] = [
  {
    name: 'route-push',
    what: 'three routes by pushState, each with a click',
    async run(stage) {
      const tab = await stage.open('/route-push')
      await keepUp(tab, 'click', 2, 500)
      for (const path of ['/route-push/2', '/route-push/3']) {
        await push(tab, path)
        await keepUp(tab, 'move', 2, 600)
      }
    },
  },
  {
    name: 'route-slides',
    what: 'a slide show that changes its route every second with nobody there: one credit for all of it',
    async run(stage) {
      const tab = await stage.open('/route-slides')
      for (const path of ['/route-slides/2', '/route-slides/3', '/route-slides/4']) {
        await read(1_000)
        await push(tab, path)
      }
      await read(1_000)
    },
  },
  {
    name: 'route-replace',
    what: 'a route changed by replaceState; one that stays the same is no change',
    async run(stage) {
      const tab = await stage.open('/route-replace')
      await keepUp(tab, 'move', 2, 500)
      await change(tab, 'replaceState', '/route-replace')
      await read(700)
      await change(tab, 'replaceState', '/route-replace/2')
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'route-back',
    what: 'forth by pushState, back by history.back()',
    async run(stage) {
      const tab = await stage.open('/route-back')
      await keepUp(tab, 'move', 2, 500)
      await push(tab, '/route-back/2')
      await keepUp(tab, 'move', 2, 500)
      await tab.eval(() => history.back())
      await arrived(tab, '/route-back')
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'route-query',
    what: 'a change of the query is a new view',
    async run(stage) {
      const tab = await stage.open('/route-query?page=1')
      await keepUp(tab, 'move', 2, 500)
      await push(tab, '/route-query?page=2')
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'hash',
    what: 'jumps to a fragment are no views',
    async run(stage) {
      const tab = await stage.open('/hash')
      await keepUp(tab, 'move', 2, 500)
      await jump(tab, '#end')
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'hash-routing',
    what: 'with hashRouting they are',
    options: { hashRouting: true },
    async run(stage) {
      const tab = await stage.open('/hash-routing')
      await keepUp(tab, 'move', 2, 500)
      await jump(tab, '#/two')
      await keepUp(tab, 'move', 3, 500)
    },
  },
  {
    name: 'route-hidden',
    what: 'a route that changes while the page is hidden',
    async run(stage) {
      const tab = await stage.open('/route-hidden')
      await keepUp(tab, 'move', 2, 500)
      await tab.hide()
      await read(700)
      await push(tab, '/route-hidden/2')
      await read(700)
      await tab.show()
      await keepUp(tab, 'move', 2, 500)
    },
  },
]
