import { expect, poll, read } from '../support/fixtures.ts'
import { type Gate, test } from '../support/gate.ts'

test.skip(({ form }) => form !== 'script', 'what is posted is the same in either form')

/** A minute passes in 3 s. */
const AT_ONE_TWENTIETH = { heartbeatInterval: 3, checkpointInterval: 0.75, idleTimeout: 1.5, idleCredit: 0.25 }

test('five minutes of reading, at 1/20, are at most 7 requests: the start, one a minute, the end', async ({
  gate,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/read', { options: { collector: gate.recordsUrl, ...AT_ONE_TWENTIETH } }))
  const end = Date.now() + 14_800
  while (Date.now() < end) {
    await tab.input('key')
    await read(200)
  }
  await tab.hide()
  const requests = await requestsOf(gate, 'five minutes')
  expect(requests).toBeGreaterThan(4)
  expect(requests).toBeLessThanOrEqual(7)
})

test('a bounce after 20 seconds, at 1/20, is at most 2 requests', async ({ gate, open, pages }) => {
  const tab = await open(pages.url('/read', { options: { collector: gate.recordsUrl, ...AT_ONE_TWENTIETH } }))
  await read(1_000)
  await tab.hide()
  expect(await requestsOf(gate, '20 seconds')).toBeLessThanOrEqual(2)
})

/** How many there were by the time the hidden page has told of itself, and whatever was on its way has arrived. */
async function requestsOf({ posted }: Gate, of: string): Promise<number> {
  await poll(() => posted.some(({ records }) => records.some(({ state }) => state === 'hidden')), 'the beacon')
  await read(500)
  const bytes = posted.reduce((sum, post) => sum + JSON.stringify(post).length, 0)
  console.log(`${of}: ${posted.length} requests, ${bytes} bytes for one view`)
  return posted.length
}
