import { read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { keepUp } from './acts.ts'

const player = ({ elsewhere }: Stage, attributes: string, seconds = 40) =>
  `<video id="player" ${attributes} preload="auto" src="${elsewhere}/tone.wav?seconds=${seconds}"></video>`

const BY_CLICK = `<script>addEventListener('click', () => player.play(), { once: true })</script>`

/** What plays holds a person without a hand on anything. */
export const media: Scenario[] = [
  {
    name: 'media',
    what: 'sound started by a click and listened to for 6 s, hands off',
    needs: ['media'],
    async run(stage) {
      const tab = await stage.open('/media', { head: player(stage, '') + BY_CLICK })
      await read(500)
      await tab.input('click')
      await read(6_000)
    },
  },
  {
    name: 'media-paused',
    what: 'listened to for 3 s, paused by the page, then nothing for 3 s',
    needs: ['media'],
    async run(stage) {
      const tab = await stage.open('/media-paused', { head: player(stage, '') + BY_CLICK })
      await tab.input('click')
      await read(3_000)
      await tab.eval(() => document.querySelector('video')!.pause())
      await read(3_000)
    },
  },
  {
    name: 'media-paused-late',
    what: 'paused after 23 s, when nothing has happened for long, then nothing for 3 s',
    needs: ['media'],
    async run(stage) {
      const tab = await stage.open('/media-paused-late', { head: player(stage, '') + BY_CLICK })
      await tab.input('click')
      await read(23_000)
      await tab.eval(() => document.querySelector('video')!.pause())
      await read(3_000)
    },
  },
  {
    name: 'media-muted',
    what: 'a muted video that plays once, by itself: somebody watches',
    needs: ['media'],
    async run(stage) {
      await stage.open('/media-muted', { head: player(stage, 'muted autoplay') })
      await read(4_000)
    },
  },
  {
    name: 'media-backdrop',
    what: 'a muted video in a loop is decoration',
    needs: ['media'],
    async run(stage) {
      await stage.open('/media-backdrop', { head: player(stage, 'muted autoplay loop', 2) })
      await read(5_000)
    },
  },
  {
    name: 'media-beside',
    what: 'a video watched beside another window that has the focus',
    needs: ['media', 'coverWithWindow'],
    async run(stage) {
      const tab = await stage.open('/media-beside', { head: player(stage, '') + BY_CLICK })
      await tab.input('click')
      await read(1_000)
      const uncover = await stage.can.coverWithWindow(tab, 'about:blank')
      await read(3_000)
      await uncover()
      await tab.show()
      await keepUp(tab, 'move', 1, 500)
    },
  },
  {
    name: 'media-hidden',
    what: 'sound that plays on in a hidden tab for 2 s',
    needs: ['media'],
    async run(stage) {
      const tab = await stage.open('/media-hidden', { head: player(stage, '') + BY_CLICK })
      await tab.input('click')
      await read(1_500)
      await tab.hide()
      await read(2_000)
      await tab.show()
      await read(3_000)
    },
  },
  {
    name: 'half-minute-video',
    what: 'ten minutes of video at 1/20: 30 s, hands off, idleTimeout 1.5 s, idleCredit 0.25 s',
    options: { idleTimeout: 1.5, idleCredit: 0.25 },
    needs: ['media'],
    async run(stage) {
      const tab = await stage.open('/half-minute-video', { head: player(stage, '') + BY_CLICK })
      await tab.input('click')
      await read(30_000)
    },
  },
]
