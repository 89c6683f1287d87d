import { read } from '../../../e2e/support/poll.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'

/** The page acts by itself for so long; then another tab hides it. */
async function leaveAlone(stage: Stage, url: string, ms: number): Promise<void> {
  const browser = await stage.can.unattended()
  try {
    await browser.open(url)
    await read(ms)
    await browser.open('about:blank')
    await read(500) // for the last beacons: nobody can ask whether they have left
  } finally {
    await browser.stop()
  }
}

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
      await leaveAlone(stage, stage.url('/prerender/1', { head }), 5_000)
    },
  },
  {
    name: 'prerender-unused',
    what: 'prerendered for 2 s and never used: no view',
    needs: ['unattended'],
    async run(stage) {
      for (const path of ['/prerender-unused/2', '/prerender-unused/3']) stage.url(path)
      const head = prerenders('/prerender-unused/2', '/prerender-unused/3')
      await leaveAlone(stage, stage.url('/prerender-unused/1', { head }), 5_000)
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
      await leaveAlone(stage, stage.url('/duplicate', { head }), 5_000)
    },
  },
]
