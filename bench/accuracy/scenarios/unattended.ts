import { poll, read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import type { Diary } from '../truth.ts'

/** The page acts by itself for so long from its begin, of which it tells; then another tab hides it. */
async function leaveAlone(stage: Stage, path: string, head: string, ms: number): Promise<void> {
  const browser = await stage.can.unattended()
  try {
    const tell = `<script>navigator.sendBeacon('${stage.elsewhere}/log', JSON.stringify(diary.read()))</script>`
    await browser.open(stage.url(path, { head: tell + head }))
    await poll(() => stage.diaries().length, 'the page to begin', 30_000)
    await read(ms)
    await browser.open('about:blank')
    // A page that is gone may be slow to say so. What does not come is found by comparing.
    await poll(() => stage.diaries().every(isOver), 'the last diaries').catch(() => {})
    await read(500) // for the last beacons: nobody can ask whether they have left
  } finally {
    await browser.stop()
  }
}

/** A page that leaves is hidden after it was told so, and sends its time then. */
const isOver = ({ events }: Diary) => !events.at(-1)!.shown

const prerenders = (path: string, next: string) => `
  <script type="speculationrules">{ "prerender": [{ "source": "list", "urls": ["${path}"], "eagerness": "immediate" }] }</script>
  <script>setTimeout(() => { location.href = '${next}' }, 2500)</script>`

/** What an attached debugger prevents or changes. */
export const unattended: Scenario[] = [
  {
    name: 'prerender',
    what: 'prerendered for 2 s, then used',
    needs: ['unattended'],
    async run(stage) {
      stage.url('/prerender/2')
      const head = prerenders('/prerender/2', '/prerender/2')
      await leaveAlone(stage, '/prerender/1', head, 4_000)
    },
  },
  {
    name: 'prerender-unused',
    what: 'prerendered for 2 s and never used: no view',
    needs: ['unattended'],
    async run(stage) {
      for (const path of ['/prerender-unused/2', '/prerender-unused/3']) stage.url(path)
      const head = prerenders('/prerender-unused/2', '/prerender-unused/3')
      await leaveAlone(stage, '/prerender-unused/1', head, 4_000)
    },
  },
  {
    name: 'duplicate',
    what: 'a tab duplicated, sessionStorage and all; the copy is closed after 2 s',
    needs: ['unattended'],
    severalTabs: true,
    async run(stage) {
      // With an opener the new tab gets a copy of the sessionStorage, as a duplicated one does.
      const head = `<script>
        if (opener) setTimeout(close, 2000)
        else setTimeout(() => open(location.href), 1000)
      </script>`
      await leaveAlone(stage, '/duplicate', head, 4_500)
    },
  },
]
