// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isSampled } from '../src/core/sampling.ts'
import type { Options } from '../src/options.ts'
import { createDwell, type Dwell } from '../src/start.ts'
import { type OpenPage, openPage } from './support/page.ts'

let page: OpenPage
let dwell: Dwell

function measure(options: Options = {}): Dwell {
  dwell = createDwell({ site: 'docs', collector: 'https://collector.test/v1/records', ...options })
  return dwell
}

/** The paths of the views so far, in order. */
const paths = () => page.records().flatMap(({ path, reason }) => (reason === 'start' ? path : []))

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  history.replaceState(null, '', '/first')
  page = openPage()
})
afterEach(() => {
  dwell.stop()
  document.head.replaceChildren()
  page.close()
})

/** The routes one after the other, with time for a record of each. */
async function visit(...routes: string[]): Promise<void> {
  for (const route of routes) {
    history.pushState(null, '', route)
    await page.pass(300)
  }
}

describe('what is a route', () => {
  test('path and query are, the fragment is not', async () => {
    measure()
    await page.settle()
    await visit('/first?page=2', '/first?page=2#end', '/second')
    expect(paths()).toEqual(['/first', '/first', '/second'])
  })

  test('ignoreQuery: the query is not', async () => {
    measure({ ignoreQuery: true })
    await page.settle()
    await visit('/first?page=2', '/second?page=3')
    expect(paths()).toEqual(['/first', '/second'])
  })

  test('allowParams: of the query what is named is part of the path, without secrets', async () => {
    measure({ allowParams: ['v', 'list', 'to'] })
    await page.settle()
    await visit('/watch?list=a%20b&t=30&v=1&v=2', '/watch?t=31', '/watch?v=3&to=jo%40example.org#end')
    expect(paths()).toEqual(['/first', '/watch?list=a+b&v=1&v=2', '/watch', '/watch?v=3&to=:redacted'])
  })

  test('hashRouting: the fragment is, and part of the path, without secrets', async () => {
    measure({ hashRouting: true })
    await page.settle()
    await visit('/first#/inbox', '/first#/inbox/0123456789abcdef0123456789abcdef')
    expect(paths()).toEqual(['/first', '/first#/inbox', '/first#/inbox/:redacted'])
  })
})

describe('the page group', () => {
  test('is a name, or what a function makes of the URL', async () => {
    measure({ pageGroup: ({ pathname }) => (pathname === '/first' ? 'lesson' : undefined) })
    await page.settle()
    await visit('/second')
    const groups = page.records().map(({ path, pageGroup }) => `${path} ${pageGroup}`)
    expect(new Set(groups)).toEqual(new Set(['/first lesson', '/second undefined']))
    dwell.stop()
    measure({ pageGroup: 'blog' })
    await page.settle()
    expect(page.records().map(({ pageGroup }) => pageGroup)).toContain('blog')
  })

  test('is in a meta element where no option says it', async () => {
    document.head.innerHTML = '<meta name="dwelltime:group" content="lesson">'
    measure()
    await page.settle()
    expect(page.records()[0]).toMatchObject({ pageGroup: 'lesson' })
  })
})

describe('who it is', () => {
  test('identify() says it in the records from then on, and takes it back', async () => {
    measure({ userId: 'ada' })
    await page.settle()
    dwell.identify('eve')
    await visit('/second')
    dwell.identify()
    await visit('/third')
    const users = page
      .records()
      .filter(({ reason }) => reason === 'start')
      .map(({ path, userId }) => [path, userId])
    expect(users).toEqual([
      ['/first', 'ada'],
      ['/second', 'eve'],
      ['/third', undefined],
    ])
  })

  test.each(['ada', 'bob', 'cy', 'dee'])(
    'samplingUnit visitor: the user decides, in each session alike: %s',
    async (userId) => {
      measure({ userId, samplingUnit: 'visitor', samplingRate: 0.5 })
      await page.settle()
      expect(dwell.getState().sampled).toBe(isSampled(userId, 0.5))
      dwell.end()
      dwell.ping()
      await page.settle()
      expect(dwell.getState().sampled).toBe(isSampled(userId, 0.5))
      expect(new Set(page.records().map(({ samplingUnit }) => samplingUnit))).toEqual(
        new Set(isSampled(userId, 0.5) ? ['visitor'] : []),
      )
    },
  )

  test('samplingUnit visitor without a user: the device decides, in each session alike', async () => {
    const answers = new Set<boolean>()
    for (let i = 0; i < 6; i++) {
      measure({ samplingUnit: 'visitor', samplingRate: 0.5 })
      await page.settle()
      answers.add(dwell.getState().sampled)
      dwell.end()
      await page.settle()
      dwell.stop()
    }
    expect(answers.size).toBe(1)
  })
})

describe('where they came from', () => {
  test('is told with all views of the session that began with it', async () => {
    history.replaceState(null, '', '/first?utm_source=letter&token=s3cret')
    Object.defineProperty(document, 'referrer', { value: 'https://search.test/?q=x', configurable: true })
    measure()
    await page.settle()
    await visit('/second')
    Object.defineProperty(document, 'referrer', { value: '', configurable: true })
    dwell.stop()
    measure() // the next page of the same session
    await page.settle()
    const told = page.records().map(({ referrerHost, utm }) => JSON.stringify([referrerHost, utm]))
    expect(new Set(told)).toEqual(new Set(['["search.test",{"source":"letter"}]']))
    dwell.end()
    dwell.ping()
    await page.settle()
    expect(page.records().at(-1)!.utm).toBeUndefined()
  })
})

describe('beforeSend', () => {
  test('that throws once costs that record, is told, and the views go on as they should', async () => {
    const onError = vi.fn()
    let throws = false
    measure({
      onError,
      beforeSend(record) {
        if (throws) throw Error('of the host')
        return record
      },
    })
    await page.settle()
    throws = true
    await visit('/second')
    throws = false
    await visit('/third')
    expect(onError).toHaveBeenCalled()
    const second = page.records().filter(({ path }) => path === '/second')
    expect(second.at(-1)).toMatchObject({ endReason: 'route', totalMs: 300 })
    expect(paths()).toEqual(['/first', '/third'])
  })

  test('changes what is sent, and drops it where nothing is answered', async () => {
    const seen: string[] = []
    measure({
      beforeSend(record) {
        seen.push(record.path)
        return record.path === '/second' ? undefined : { ...record, title: 'changed' }
      },
    })
    await page.settle()
    await visit('/second', '/third')
    expect(seen).toContain('/second')
    expect(paths()).toEqual(['/first', '/third'])
    expect(new Set(page.records().map(({ title }) => title))).toEqual(new Set(['changed']))
  })

  test('cannot change what is measured', async () => {
    measure({ beforeSend: (record) => Object.assign(record, { seq: 100, visibleMs: 1 }) })
    await page.pass(2_000)
    expect(dwell.getState()).toMatchObject({ visibleMs: 2_000 })
  })

  test('that throws is a fault of the host: told, never thrown', async () => {
    const onError = vi.fn()
    measure({
      onError,
      beforeSend() {
        throw Error('theirs')
      },
    })
    await page.pass(1_000)
    expect(onError).toHaveBeenCalledWith(Error('theirs'))
    expect(dwell.getState()).toMatchObject({ visibleMs: 1_000 })
  })
})

describe('durations', () => {
  test('thresholds are told once, by number or name, and listed in the record', async () => {
    const onThreshold = vi.fn()
    measure({ thresholds: [1, { at: 3, name: 'read' }, { above: 4 }] })
    dwell.on('threshold', onThreshold)
    await page.pass(6_000)
    expect(onThreshold.mock.calls).toEqual([[{ at: 1 }], [{ at: 3, name: 'read' }], [{ above: 4 }]])
    page.show('hidden')
    expect(page.records().at(-1)).toMatchObject({ thresholds: [1, 3] })
  })

  test('a session has a longest duration', async () => {
    const onEnd = vi.fn()
    measure({ maxSessionDuration: 0.1 })
    dwell.on('session:end', onEnd)
    for (let i = 0; i < 8; i++) {
      await page.pass(1_000)
      page.input()
    }
    expect(onEnd.mock.calls).toMatchObject([[{ reason: 'max' }]])
    expect(page.records().find(({ endReason }) => endReason)).toMatchObject({ endReason: 'max', maxSessionMs: 6_000 })
  })
})

test('what plays attends the page, and each look is an activity', async () => {
  const media = document.body.appendChild(document.createElement('video'))
  for (const [key, value] of Object.entries({ paused: false, readyState: 4 }))
    Object.defineProperty(media, key, { value })
  measure()
  await page.pass(60_000)
  expect(dwell.getState()).toMatchObject({ visibleMs: 60_000, engagedMs: 60_000, stands: null })
  page.show('hidden')
  expect(page.records().at(-1)!.activity!.media).toBeGreaterThan(50)
  media.remove()
})
