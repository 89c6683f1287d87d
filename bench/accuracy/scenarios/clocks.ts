import type { Tab } from '../../../e2e/support/engine.ts'
import { read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import { keepUp } from './acts.ts'

const PATIENT = { idleTimeout: 30, idleCredit: 0.5 }

/** A wall clock that can be set, without setting the machine's. */
const WALL = `<script>{
  const Real = Date
  let by = 0
  Date = class extends Real {
    constructor(...parts) {
      if (parts.length) super(...parts)
      else super(Real.now() + by)
    }
    static now = () => Real.now() + by
  }
  window.setWall = (ms) => { by = ms }
}</script>`

const setWall = (tab: Tab, ms: number) =>
  tab.eval((by) => (window as unknown as { setWall: (ms: number) => void }).setWall(by), ms)

/** Processes that stand, threads that are busy, clocks that are set. */
export const clocks: Scenario[] = [
  {
    name: 'stopped',
    what: 'all processes of the browser stopped for 7 s in front of a page: nobody read',
    options: PATIENT,
    worstMs: 1_000,
    async run(stage) {
      const tab = await stage.open('/stopped')
      await keepUp(tab, 'move', 3, 500)
      await stage.stopFor(() => read(7_000))
      await keepUp(tab, 'move', 3, 500)
    },
  },
  {
    name: 'stopped-briefly',
    what: 'the same for 3 s, which counts',
    options: PATIENT,
    async run(stage) {
      const tab = await stage.open('/stopped-briefly')
      await keepUp(tab, 'move', 3, 500)
      await stage.stopFor(() => read(3_000))
      await keepUp(tab, 'move', 3, 500)
    },
  },
  {
    name: 'stopped-hidden',
    what: 'the same for 7 s while the page is hidden',
    options: PATIENT,
    async run(stage) {
      const tab = await stage.open('/stopped-hidden')
      await keepUp(tab, 'move', 2, 500)
      await tab.hide()
      await read(300)
      await stage.stopFor(() => read(7_000))
      await tab.show()
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'stopped-for-good',
    what: 'stopped for 20 s with a threshold of 6 s: the session ended before, another begins on waking',
    options: { ...PATIENT, sessionExpirationThreshold: 0.1, bufferTimeBeforeEnd: 1 },
    worstMs: 1_000,
    async run(stage) {
      const tab = await stage.open('/stopped-for-good')
      await keepUp(tab, 'move', 3, 500)
      await stage.stopFor(() => read(20_000))
      await read(300)
      await keepUp(tab, 'move', 3, 500)
    },
  },
  {
    name: 'busy',
    what: 'a main thread that is busy for 8 s in front of a reader, which counts',
    options: PATIENT,
    undecidableWithout: 'longtask',
    async run(stage) {
      const tab = await stage.open('/busy')
      await keepUp(tab, 'move', 2, 500)
      await tab.eval(() => {
        setTimeout(() => {
          const end = performance.now() + 8_000
          while (performance.now() < end);
        })
      })
      await read(8_300)
      await keepUp(tab, 'move', 2, 500)
    },
  },
  {
    name: 'busy-clicks',
    what: 'busy for 3 s while somebody clicks: a click counts when it was made',
    async run(stage) {
      const tab = await stage.open('/busy-clicks')
      await tab.input('move')
      await tab.eval(() => {
        setTimeout(() => {
          const end = performance.now() + 3_000
          while (performance.now() < end);
        })
      })
      await read(1_200)
      await Promise.all([tab.input('click'), read(4_500)])
    },
  },
  {
    name: 'wall-forth',
    what: 'the wall clock set an hour forward, with a threshold of two',
    options: { sessionExpirationThreshold: 120 },
    async run(stage) {
      const tab = await stage.open('/wall-forth', { head: WALL })
      await keepUp(tab, 'move', 3, 500)
      await setWall(tab, 3_600_000)
      await keepUp(tab, 'move', 4, 500)
    },
  },
  {
    name: 'wall-back',
    what: 'the wall clock set an hour back',
    async run(stage) {
      const tab = await stage.open('/wall-back', { head: WALL })
      await keepUp(tab, 'move', 3, 500)
      await setWall(tab, -3_600_000)
      await keepUp(tab, 'move', 4, 500)
    },
  },
  {
    name: 'dialog',
    what: 'an alert that stays for 3 s, which counts',
    options: PATIENT,
    needs: ['answerDialog'],
    // Chromium's page is without the focus for up to 70 ms after it had it back, and no event tells: a look that falls
    // into that stands for the time until the next one, 250 ms here, and timers are late.
    worstMs: 350,
    async run(stage) {
      const tab = await stage.open('/dialog')
      await keepUp(tab, 'move', 2, 500)
      const answered = stage.can.answerDialog(tab, 3_000)
      // After the answer: a driver may take a dialog that is open by then away.
      await tab.eval(() => void setTimeout(() => alert('Still there?'), 200))
      await answered
      await read(300)
      await keepUp(tab, 'move', 2, 500)
    },
  },
]
