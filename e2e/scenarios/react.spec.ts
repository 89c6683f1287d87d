import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stateOf } from '../support/dwell.ts'
import type { Tab } from '../support/engine.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { text } from '../support/pages.ts'
import { bundleReact, type ReactVersion } from '../support/react-app.ts'
import { endedViews } from '../support/stored.ts'

test.skip(({ form }) => form !== 'script', 'an app takes the components from npm in either case')

const TODAY = new Date().toISOString().slice(0, 10)
const TABLE = `import SessionDuration from 'dwelltime/react'
  import { StrictMode, version } from 'react'
  import { createRoot } from 'react-dom/client'
  const root = document.body.appendChild(document.createElement('div'))
  Object.assign(window, { version })
  createRoot(root).render(<StrictMode><SessionDuration distribution /></StrictMode>)`

for (const version of [18, 19] as ReactVersion[]) {
  test.describe(`in React ${version}`, () => {
    test('<SessionDuration> shows what the collector answers', async ({ collector, open, pages }) => {
      for (const userId of ['eve', 'ada']) {
        const tab = await open(pages.url('/read', { options: { userId, storage: 'memory' } }))
        await read(userId === 'ada' ? 900 : 300)
        await tab.close()
      }
      await endedViews(collector, 2)
      const percentiles = [25, 50, 75, 90]
      const results = await collector.durations({ start_date: TODAY, end_date: TODAY, percentiles })
      const admin = await startAdmin(collector.url, await bundleReact(version, TABLE))
      const tab = await open(admin.url)
      expect(await tab.eval(() => (window as unknown as { version: string }).version)).toMatch(`${version}.`)
      expect(await textOf(tab, 'h2')).toBe('Session Duration Metrics')
      expect(await textOf(tab, 'label[for="start-date"]')).toBe('Start Date:')
      expect(await textOf(tab, 'label[for="end-date"]')).toBe('End Date:')

      await ask(tab, TODAY, TODAY)
      await poll(() => tab.eval(() => !!document.querySelector('tbody')), 'the table')
      expect(await rowsOf(tab, 'thead tr')).toEqual([
        [
          'User ID',
          'Average Session Duration (seconds)',
          ...percentiles.map((percentile) => `${percentile} % (seconds)`),
        ],
      ])
      const wanted = results.map(({ user_id, average_duration, percentiles }) =>
        [user_id, average_duration, ...Object.values(percentiles!)].map(String),
      )
      expect(wanted.map(([user]) => user)).toEqual(['ada', 'eve'])
      expect(await rowsOf(tab, 'tbody tr')).toEqual(wanted)
      await tab.click('th:nth-child(2) button')
      expect(await rowsOf(tab, 'tbody tr')).toEqual([...wanted].reverse())
      await tab.click('th:nth-child(2) button')
      expect(await rowsOf(tab, 'tbody tr')).toEqual(wanted)

      await ask(tab, TODAY, '2020-01-01')
      const alert = () => textOf(tab, '[role="alert"]')
      expect(await poll(alert, 'the error')).toBe('Start date cannot be after end date')
      await ask(tab, '2020-01-01', '2020-01-02')
      const status = async () => (await textOf(tab, '[role="status"]'))?.startsWith('No')
      await poll(status, 'word that there is nothing')
      admin.stop()
      await ask(tab, TODAY, TODAY)
      expect(await poll(alert, 'another error')).toBe('The server cannot be reached.')
    })

    test('useDwell() lives with its provider, in StrictMode too: one view', async ({ collector, open, pages }) => {
      const options = JSON.stringify({ collector: collector.recordsUrl, site: 'app' })
      const app = `import { DwellProvider, useDwell } from 'dwelltime/react'
        import { StrictMode } from 'react'
        import { createRoot } from 'react-dom/client'
        function Clock() {
          const { visibleMs, stands, dwell } = useDwell()
          window.dwelltime = dwell
          return <output>{stands ?? 'runs'} {visibleMs}</output>
        }
        const root = createRoot(document.body.appendChild(document.createElement('div')))
        window.unmount = () => root.unmount()
        root.render(<StrictMode><DwellProvider options={${options}}><Clock /></DwellProvider></StrictMode>)`
      const head = `<script type="module">${inline(await bundleReact(version, app))}</script>`
      const tab = await open(pages.url('/app', { form: 'none', head }))
      const shown = () => textOf(tab, 'output')
      const first = await poll(async () => /^runs (\d+)$/.exec((await shown()) ?? '')?.[1], 'the clock')
      await poll(async () => Number((await shown())!.split(' ')[1]) > Number(first), 'the clock to move')
      const { viewId } = await stateOf(tab)
      await tab.eval(() => (window as unknown as { unmount(): void }).unmount())

      const [view, ...others] = await endedViews(collector, 1)
      expect(others).toEqual([])
      expect(view).toMatchObject({ viewId, path: '/app', endReason: 'stop' })
    })

    test('on a server there is the form, and nothing else', async ({ driver }) => {
      test.skip(!driver.launchWith, 'it needs no browser, and is run once')
      const app = `import { DwellProvider, SessionDuration, useDwell } from 'dwelltime/react'
        import { renderToString } from 'react-dom/server'
        const Clock = () => <output>{useDwell().visibleMs}</output>
        export const html = renderToString(<DwellProvider><Clock /><SessionDuration /></DwellProvider>)`
      const code = await bundleReact(version, app, { platform: 'node', format: 'esm', banner: { js: REQUIRE } })
      const { html } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)
      expect(html).toMatch(/^<output>0<\/output><section class="session-duration"><h2/)
    })
  })
}

/** React's CommonJS asks for Node's own modules. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire('file:///')`

/** A backend as a customer's: its page has the component, and it passes on what that asks. */
async function startAdmin(collectorUrl: string, app: string) {
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const type = request.url === '/app.js' ? 'text/javascript' : 'text/html'
      const page = '<!doctype html><title>Admin</title><body><script type="module" src="/app.js"></script>'
      return response.writeHead(200, { 'content-type': type }).end(type === 'text/html' ? page : app)
    }
    const answer = await fetch(collectorUrl + request.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: await text(request),
    })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Fills in both dates as a browser's picker does, and presses the button. */
async function ask(tab: Tab, start: string, end: string): Promise<void> {
  await poll(() => tab.eval(() => !!document.querySelector('#start-date')), 'the form')
  await tab.eval(
    (dates) => {
      const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!
      for (const [id, date] of Object.entries(dates)) {
        const input = document.getElementById(id)!
        set!.call(input, date)
        input.dispatchEvent(new Event('input', { bubbles: true }))
      }
    },
    { 'start-date': start, 'end-date': end },
  )
  expect(await textOf(tab, '.session-duration-button')).toBe('Get Metrics')
  await tab.click('.session-duration-button')
}

const textOf = (tab: Tab, selector: string): Promise<string | undefined> =>
  tab.eval((selector) => document.querySelector(selector)?.textContent ?? undefined, selector)

const rowsOf = (tab: Tab, selector: string): Promise<string[][]> =>
  tab.eval(
    (selector) =>
      [...document.querySelectorAll(selector)].map((row) => [...row.children].map((cell) => cell.textContent!)),
    selector,
  )

const inline = (code: string) => code.replaceAll('</script', '<\\/script')
