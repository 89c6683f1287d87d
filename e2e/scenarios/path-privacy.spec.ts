import { stateOf } from '../support/dwell.ts'
import { arrived } from '../support/engine.ts'
import { expect, poll, read } from '../support/fixtures.ts'
import { test } from '../support/gate.ts'
import { endedViews } from '../support/stored.ts'

const HEX = '0123456789abcdef0123456789abcdef'
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl'

test('where time was spent is told without who, what was searched, or any secret', async ({
  collector,
  gate,
  open,
  pages,
}) => {
  const options = { collector: gate.recordsUrl }
  const secret = `/account/lovelace@example.org/${HEX}/edit?q=illness&email=eve%40example.org#token=s3cret`
  const tab = await open(pages.url(secret, { options }))
  await read(300)
  await tab.eval((path) => history.pushState(null, '', path), `/reset/${JWT}?code=kite4711#hush`)
  // Where nothing tells of a route, a look finds it.
  await poll(async () => (await stateOf(tab)).path?.startsWith('/reset/'), 'the view of the route')
  await tab.eval((path) => history.pushState(null, '', path), `/invite/bob%40example.org/?next=/hidden-place`)
  await poll(async () => (await stateOf(tab)).path?.startsWith('/invite/'), 'the view of the next route')
  await tab.click('#next') // its referrer is the address before
  await arrived(tab, '/next')
  await tab.close()

  const views = await endedViews(collector, 4)
  expect(views.map((view) => view.path)).toEqual([
    expect.stringMatching(/^\/account\/[^/]+\/[^/]+\/edit$/),
    expect.stringMatching(/^\/reset\/[^/]+$/),
    expect.stringMatching(/^\/invite\/[^/]+\/$/),
    '/next',
  ])
  // None is made of digits and a to f alone: a random id may hold such a one by chance.
  const secrets = [
    ...[
      'lovelace',
      'example.org',
      '%40',
      HEX,
      'eyJ',
      'illness',
      'eve',
      's3cret',
      'kite4711',
      'hush',
      'bob',
      'hidden-place',
    ],
    ...['?', '#'],
  ]
  for (const told of [await collector.sessions(), gate.posted]) {
    const json = JSON.stringify(told)
    expect(json).toContain('/account/')
    expect(secrets.filter((one) => json.includes(one))).toEqual([])
  }
})
