import { dayBefore, send, visit } from '../support/dashboard.ts'
import { expect, poll, test } from '../support/fixtures.ts'

test.skip(({ form }) => form !== 'script', 'the page is the same, whatever form the SDK comes in')

test("the demo's page in React measures itself and asks for its users", async ({ collector, open }) => {
  await send(collector, [visit(Date.now() - 3_600_000, { site: 'demo', userId: 'ada' })])
  const tab = await open(`${collector.url}/demo/react/`)
  const textOf = (selector: string) =>
    tab.eval((selector) => document.querySelector(selector)?.textContent ?? '', selector)
  await poll(async () => /total[1-9]/.test(await textOf('.live-clocks')), 'its clock to move')
  expect(await textOf('.session-duration-heading')).toBe('Session Duration Metrics')

  await tab.eval(
    (dates) => {
      const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!
      for (const [id, date] of Object.entries(dates)) {
        const input = document.getElementById(id)!
        set!.call(input, date)
        input.dispatchEvent(new Event('input', { bubbles: true }))
      }
    },
    { 'start-date': dayBefore(1), 'end-date': dayBefore(0) },
  )
  await tab.click('.session-duration-button')
  await poll(
    async () => (await textOf('.session-duration-table tbody')).includes('ada10'),
    'the session of ten seconds',
  )

  await tab.close()
  const paths = async () => (await collector.sessions()).flatMap(({ views }) => views.map(({ path }) => path))
  await poll(async () => (await paths()).includes('/demo/react/'), 'the view of this page')
})
