import type { Tab } from '../../../e2e/support/engine.ts'
import { poll, read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import { keepUp } from './acts.ts'

/** Noted in the same breath, since a `pushState()` is told by no event that every engine has. */
const route = (tab: Tab, code: string) => tab.eval(new Function(`${code}; diary.note('route')`) as () => void)
const push = (tab: Tab, path: string) => route(tab, `history.pushState(null, '', '${path}')`)

const at = (tab: Tab, path: string) =>
  poll(() => tab.eval(new Function(`return location.pathname === '${path}'`) as () => boolean), `the route ${path}`)

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
      await route(tab, `history.replaceState({ page: 1 }, '')`)
      await read(700)
      await route(tab, `history.replaceState(null, '', '/route-replace/2')`)
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
      await at(tab, '/route-back')
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
      await route(tab, `location.hash = '#end'`)
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
      await route(tab, `location.hash = '#/two'`)
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
