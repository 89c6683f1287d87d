import { read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import { keepUp } from './acts.ts'

/** One page in front, and what hands do or do not do. */
export const reading: Scenario[] = [
  {
    name: 'bounce',
    what: 'opened, and gone after 0.3 s',
    async run(stage) {
      await stage.open('/bounce')
      await read(300)
    },
  },
  {
    name: 'still',
    what: 'read for 4 s with no hand on anything, longer than idleTimeout',
    async run(stage) {
      await stage.open('/still')
      await read(4_000)
    },
  },
  {
    name: 'moving',
    what: 'a pointer that moves every 0.6 s',
    async run(stage) {
      const tab = await stage.open('/moving')
      await keepUp(tab, 'move', 6, 600)
    },
  },
  {
    name: 'idle',
    what: 'active, 3.5 s away from the keyboard, active again',
    async run(stage) {
      const tab = await stage.open('/idle')
      await read(500)
      await keepUp(tab, 'move', 2, 500)
      await read(3_000)
      await tab.input('click')
      await read(1_000)
    },
  },
  {
    name: 'keyboard',
    what: 'nothing but keys, every 0.7 s, then none for 3 s',
    async run(stage) {
      const tab = await stage.open('/keyboard')
      await keepUp(tab, 'key', 4, 700)
      await read(2_300)
    },
  },
  {
    name: 'wheel',
    what: 'nothing but scrolling by wheel, then none for 3 s',
    async run(stage) {
      const tab = await stage.open('/wheel')
      await keepUp(tab, 'wheel', 4, 700)
      await read(2_300)
    },
  },
  {
    name: 'touch',
    what: 'nothing but a finger, then none for 3 s',
    needs: ['touch'],
    async run(stage) {
      const tab = await stage.open('/touch')
      for (let i = 0; i < 3; i++) {
        await stage.can.touch(tab)
        await read(800)
      }
      await read(2_200)
    },
  },
  {
    name: 'scroll-to',
    what: 'a page that scrolls by itself, which is no activity',
    async run(stage) {
      const tab = await stage.open('/scroll-to')
      await tab.eval(() => {
        setInterval(() => scrollBy(0, scrollY > 500 ? -900 : 40), 200)
      })
      await read(4_000)
    },
  },
  {
    name: 'slow-hands',
    what: 'inputs whose gaps are just under and well over idleTimeout',
    async run(stage) {
      const tab = await stage.open('/slow-hands')
      for (const gap of [1_700, 2_600, 1_700, 2_600]) {
        await tab.input('key')
        await read(gap)
      }
    },
  },
  {
    name: 'half-minute-still',
    what: 'ten minutes in front of a still page, at 1/20: 30 s, idleTimeout 1.5 s, idleCredit 0.25 s',
    options: { idleTimeout: 1.5, idleCredit: 0.25 },
    async run(stage) {
      const tab = await stage.open('/half-minute-still')
      await read(10_000)
      await tab.input('move')
      await read(20_000)
    },
  },
]
