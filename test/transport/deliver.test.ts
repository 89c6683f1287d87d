import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { WallTime } from '../../src/core/time.ts'
import type { Envelope } from '../../src/protocol/record.ts'
import { createQueue } from '../../src/queue/queue.ts'
import { createDelivery, MAX_BATCH } from '../../src/transport/deliver.ts'
import { createOffStore } from '../support/memory-store.ts'
import { viewRecord } from '../support/records.ts'
import { EPOCH } from '../support/replay.ts'

const URL = 'https://collector.test/v1/records'

type Answer = () => Response | Promise<Response>

const accepted = () => Response.json({ accepted: 1, problems: [] })
const refused = (status: number) => () => Response.json({ detail: 'no' }, { status })
const offline = () => Promise.reject(new TypeError('Failed to fetch'))

/** A page that sends, and a collector that answers `answer` to it. */
function openPage(answer: Answer = accepted) {
  const clock: { now: WallTime } = { now: EPOCH }
  const errors: unknown[] = []
  const posts: Envelope[] = []
  const collector = { answer }
  vi.stubGlobal('fetch', async (url: string, { body }: RequestInit) => {
    expect(url).toBe(URL)
    posts.push(JSON.parse(String(body)))
    return collector.answer()
  })
  const now = () => clock.now
  const queue = createQueue(
    createOffStore(),
    now,
    () => false,
    (count, why) => delivery.drop(count, why),
  )
  const delivery = createDelivery(queue, URL, now, (error) => errors.push(`${error}`))
  return {
    ...{ clock, collector, delivery, errors, posts, queue },
    waiting: () =>
      queue
        .readOwn(MAX_BATCH)
        .map(({ viewId }) => viewId)
        .sort(),
    put: (viewId: string, seq = 1) => queue.put(viewRecord({ viewId, seq })),
  }
}

const idsOf = ({ records }: Envelope) => records.map(({ viewId }) => viewId).sort()

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0) // a pause of exactly 1 s after the first failure
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('a flush', () => {
  test('sends what waits, and forgets it when the collector has it', async () => {
    const page = openPage()
    page.put('a')
    page.put('b')
    await page.delivery.flush()
    expect(page.posts).toMatchObject([{ v: 1, via: 'fetch', sentAt: EPOCH, attempts: 1, dropped: 0, deferred: false }])
    expect(idsOf(page.posts[0]!)).toEqual(['a', 'b'])
    expect(page.waiting()).toEqual([])
  })

  test('sends nothing where nothing waits', async () => {
    const page = openPage()
    await page.delivery.flush()
    expect(page.posts).toEqual([])
  })

  test('takes along what is written in the same task', async () => {
    const page = openPage()
    page.put('a')
    const done = page.delivery.flush()
    page.put('b')
    await done
    expect(page.posts.map(idsOf)).toEqual([['a', 'b']])
  })

  test('while another one runs sends afterwards what came meanwhile', async () => {
    const page = openPage()
    let another: Promise<void> | undefined
    page.collector.answer = () => {
      page.collector.answer = accepted
      page.put('b')
      another = page.delivery.flush()
      return accepted()
    }
    page.put('a')
    await page.delivery.flush()
    await another
    expect(page.posts.map(idsOf)).toEqual([['a'], ['b']])
    expect(page.waiting()).toEqual([])
  })

  test('while another one finds nothing sends what came meanwhile', async () => {
    const page = openPage()
    const { claim } = page.queue
    let another: Promise<void> | undefined
    vi.spyOn(page.queue, 'claim').mockImplementationOnce(async (room) => {
      const nothing = await claim(room)
      page.put('a')
      another = page.delivery.flush()
      return nothing
    })
    await page.delivery.flush()
    await another
    expect(page.posts.map(idsOf)).toEqual([['a']])
  })

  test('sends what does not fit in one request in the next', async () => {
    const page = openPage()
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f'])
      page.queue.put(viewRecord({ viewId: id, title: 'x'.repeat(3_000) }))
    await page.delivery.flush()
    expect(page.posts.map(idsOf)).toEqual([
      ['c', 'd', 'e', 'f'],
      ['a', 'b'],
    ])
    expect(page.waiting()).toEqual([])
  })

  test('keeps a newer record of a view whose older one was on the way', async () => {
    const page = openPage()
    page.collector.answer = () => {
      page.collector.answer = offline
      page.put('a', 2)
      return accepted()
    }
    page.put('a', 1)
    await page.delivery.flush()
    expect(page.posts[0]!.records).toMatchObject([{ viewId: 'a', seq: 1 }])
    expect(page.queue.readOwn(MAX_BATCH)).toMatchObject([{ viewId: 'a', seq: 2 }])
  })
})

describe('an answer that is none', () => {
  const answers: Record<string, Answer> = {
    "a captive portal's page": () =>
      new Response('<html>please log in</html>', { headers: { 'content-type': 'text/html' } }),
    'an empty body': () => new Response(''),
    'half a body': () => new Response('{'),
    'JSON text': () => Response.json('text'),
    'a JSON number': () => Response.json(7),
    'JSON of someone else': () => Response.json({ ok: true }),
    'JSON null': () => Response.json(null),
    'accepted that is no number, but true': () => Response.json({ accepted: true }),
    'accepted that is no number, but null': () => Response.json({ accepted: null }),
    'accepted that is no number, but a text': () => Response.json({ accepted: '1' }),
    'a redirect that was not followed': () => new Response(null, { status: 304 }),
    'status 401': refused(401),
    'status 404': refused(404),
    'status 408': refused(408),
    'status 429': refused(429),
    'status 500': refused(500),
    'status 503': refused(503),
    'status 500 that says accepted': () => Response.json({ accepted: 1, problems: [] }, { status: 500 }),
    'no connection': offline,
  }

  test.each(Object.entries(answers))('%s: the record is kept, and sent again after a pause', async (_, answer) => {
    const page = openPage(answer)
    page.put('a')
    await page.delivery.flush()
    expect(page.waiting()).toEqual(['a'])
    expect(page.errors).toEqual([])

    page.collector.answer = accepted
    page.clock.now += 999
    await page.delivery.flush()
    expect(page.posts).toHaveLength(1)

    page.clock.now += 1
    await page.delivery.flush()
    expect(page.posts).toHaveLength(2)
    expect(page.posts[1]).toMatchObject({ attempts: 2 })
    expect(page.posts[1]!.records).toEqual(page.posts[0]!.records)
    expect(page.waiting()).toEqual([])
  })

  test('again and again makes the pauses longer, and one success makes them short', async () => {
    const page = openPage(offline)
    page.put('a')
    await page.delivery.flush()
    for (const [i, pause] of [1_000, 2_000, 4_000].entries()) {
      page.clock.now += pause - 1
      await page.delivery.flush()
      expect(page.posts).toHaveLength(i + 1)
      page.clock.now += 1
      await page.delivery.flush()
      expect(page.posts).toHaveLength(i + 2)
    }
    page.collector.answer = accepted
    await page.delivery.retry()
    page.collector.answer = offline
    page.put('b')
    await page.delivery.flush()
    page.clock.now += 1_000
    await page.delivery.flush()
    expect(page.posts.map(({ attempts }) => attempts)).toEqual([1, 2, 3, 4, 5, 1, 2])
  })

  test('is tried again by a look once the pause is over, and only after a failure', async () => {
    const page = openPage(offline)
    page.put('a')
    await page.delivery.tryAgain()
    expect(page.posts).toHaveLength(0)
    await page.delivery.flush()
    await page.delivery.tryAgain()
    expect(page.posts).toHaveLength(1)
    page.clock.now += 1_000
    page.collector.answer = accepted
    await page.delivery.tryAgain()
    expect(page.posts).toHaveLength(2)
    expect(page.waiting()).toEqual([])
  })

  test.each<[string, Answer]>([
    ['in JSON', () => Response.json({}, { status: 429, headers: { 'Retry-After': '90' } })],
    ['in a page', () => new Response('<html>', { status: 503, headers: { 'Retry-After': '90' } })],
  ])('with Retry-After makes the pause at least that long: %s', async (_, answer) => {
    const page = openPage(answer)
    page.put('a')
    await page.delivery.flush()
    page.collector.answer = accepted
    page.clock.now += 89_999
    await page.delivery.flush()
    expect(page.posts).toHaveLength(1)
    page.clock.now += 1
    await page.delivery.flush()
    expect(page.posts).toHaveLength(2)
  })

  test.each(['0', 'soon', 'Sun, 22 Nov 2026 10:00:00 GMT'])(
    'with a Retry-After that is no number of seconds makes the usual pause: %s',
    async (header) => {
      const page = openPage(() => Response.json({}, { status: 429, headers: { 'Retry-After': header } }))
      page.put('a')
      await page.delivery.flush()
      page.clock.now += 999
      await page.delivery.flush()
      expect(page.posts).toHaveLength(1)
      page.clock.now += 1
      await page.delivery.flush()
      expect(page.posts).toHaveLength(2)
    },
  )

  test('does not keep retry() waiting', async () => {
    const page = openPage(offline)
    page.put('a')
    await page.delivery.flush()
    page.collector.answer = accepted
    await page.delivery.retry()
    expect(page.posts).toHaveLength(2)
    expect(page.waiting()).toEqual([])
  })
})

describe('records that no retry can save', () => {
  test.each([400, 422])('status %d: they are dropped, told, and counted in the next envelope', async (status) => {
    const page = openPage(refused(status))
    page.put('a')
    page.put('b')
    await page.delivery.flush()
    expect(page.waiting()).toEqual([])
    expect(page.errors).toEqual([`Error: 2 records dropped: status ${status}`])

    page.collector.answer = accepted
    page.put('c')
    await page.delivery.flush()
    page.put('d')
    await page.delivery.flush()
    expect(page.posts.map(({ dropped }) => dropped)).toEqual([0, 2, 0])
  })

  test('status 413: half as much is sent, and one alone that is too large is dropped', async () => {
    const page = openPage()
    page.collector.answer = () => (page.posts.at(-1)!.records.length > 1 ? refused(413)() : accepted())
    for (const id of ['a', 'b', 'c']) page.queue.put(viewRecord({ viewId: id, title: 'x'.repeat(3_000) }))
    await page.delivery.flush()
    expect(page.posts.map(({ records }) => records.length)).toEqual([3, 2, 1, 1, 1])
    expect(page.errors).toEqual([])
    expect(page.waiting()).toEqual([])

    page.collector.answer = refused(413)
    page.put('d')
    await page.delivery.flush()
    expect(page.errors).toEqual(['Error: 1 records dropped: status 413'])
    expect(page.waiting()).toEqual([])
  })

  test('problems that are null are none', async () => {
    const page = openPage(() => Response.json({ accepted: 1, problems: null }))
    page.put('a')
    await page.delivery.flush()
    expect(page.errors).toEqual([])
    expect(page.waiting()).toEqual([])
  })

  test('one among good ones is told with what was wrong', async () => {
    const problems = [{ index: 1, problem: 'visibleMs: want an integer >= 0' }]
    const page = openPage(() => Response.json({ accepted: 1, problems }))
    page.put('a')
    page.put('b')
    await page.delivery.flush()
    expect(page.errors).toEqual(['Error: 1 records dropped: visibleMs: want an integer >= 0'])
    expect(page.waiting()).toEqual([])
  })
})

describe('a beacon', () => {
  function openWithBeacon(isTaken = true) {
    const page = openPage()
    const sendBeacon = vi.fn((_: string, __: string) => isTaken)
    vi.stubGlobal('navigator', { sendBeacon })
    return { ...page, sendBeacon, sent: () => sendBeacon.mock.calls.map(([, body]) => JSON.parse(body) as Envelope) }
  }

  test('carries all that this page has and nobody has acknowledged, at once', () => {
    const page = openWithBeacon()
    page.put('a')
    page.put('b', 1)
    page.put('b', 2)
    page.delivery.beacon()
    expect(page.sendBeacon).toHaveBeenCalledExactlyOnceWith(URL, expect.any(String))
    expect(page.sent()).toMatchObject([{ v: 1, via: 'beacon', sentAt: EPOCH }])
    expect(idsOf(page.sent()[0]!)).toEqual(['a', 'b'])
    expect(page.posts).toEqual([])
  })

  test('is sent once for what does not change', () => {
    const page = openWithBeacon()
    page.put('a', 1)
    page.delivery.beacon()
    page.delivery.beacon()
    expect(page.sendBeacon).toHaveBeenCalledTimes(1)
    page.put('a', 2)
    page.delivery.beacon()
    expect(page.sendBeacon).toHaveBeenCalledTimes(2)
  })

  test('that was taken is no receipt: the record goes along with the next regular send', async () => {
    const page = openWithBeacon()
    page.put('a')
    page.delivery.beacon()
    expect(page.waiting()).toEqual(['a'])
    await page.delivery.flush()
    expect(page.posts.map(idsOf)).toEqual([['a']])
    expect(page.waiting()).toEqual([])
  })

  test('that is refused goes by fetch with keepalive instead', () => {
    const page = openWithBeacon(false)
    page.put('a')
    page.delivery.beacon()
    expect(page.posts.map(idsOf)).toEqual([['a']])
    expect(page.waiting()).toEqual(['a'])
  })

  test('goes by fetch where the browser has none', () => {
    const page = openPage()
    vi.stubGlobal('navigator', {})
    page.put('a')
    page.delivery.beacon()
    expect(page.posts.map(idsOf)).toEqual([['a']])
  })

  test('is small, and carries the newest first', () => {
    const page = openWithBeacon()
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f'])
      page.queue.put(viewRecord({ viewId: id, title: 'x'.repeat(3_000) }))
    page.delivery.beacon()
    expect(idsOf(page.sent()[0]!)).toEqual(['c', 'd', 'e', 'f'])
    expect(page.sendBeacon.mock.calls[0]![1].length).toBeLessThan(16 * 1_024)
  })

  test('is not sent when there is nothing to carry', async () => {
    const page = openWithBeacon()
    page.delivery.beacon()
    expect(page.sendBeacon).not.toHaveBeenCalled()
    page.put('a')
    await page.delivery.flush()
    expect(page.waiting()).toEqual([])
    page.delivery.beacon()
    expect(page.sendBeacon).not.toHaveBeenCalled()
  })
})

describe('what stands for when the page is gone without a word', () => {
  function openWithFetchLater(isTaken = true) {
    const page = openPage()
    const standing: { body: Envelope; signal: AbortSignal }[] = []
    const fetchLater = vi.fn((url: string, { body, signal, ...init }: RequestInit) => {
      expect(url).toBe(URL)
      expect(init).toMatchObject({ method: 'POST', credentials: 'omit' })
      standing.push({ body: JSON.parse(String(body)), signal: signal! })
    })
    vi.stubGlobal('window', { fetchLater })
    vi.stubGlobal('navigator', { sendBeacon: () => isTaken })
    return { ...page, fetchLater, standing }
  }

  test('is the newest record, once, and says that it is sent later', () => {
    const page = openWithFetchLater()
    page.put('a', 1)
    page.put('b', 4)
    page.delivery.stand()
    page.delivery.stand()
    expect(page.standing).toHaveLength(1)
    expect(page.standing[0]!.body).toMatchObject({
      via: 'fetchLater',
      deferred: true,
      records: [{ viewId: 'b', seq: 4 }],
    })
    expect(page.standing[0]!.signal.aborted).toBe(false)
  })

  test('is withdrawn for a newer record', () => {
    const page = openWithFetchLater()
    page.put('a', 1)
    page.delivery.stand()
    page.put('a', 2)
    page.delivery.withdraw()
    page.delivery.stand()
    expect(page.standing.map(({ signal }) => signal.aborted)).toEqual([true, false])
    expect(page.standing[1]!.body.records).toMatchObject([{ viewId: 'a', seq: 2 }])
  })

  test('is withdrawn when a beacon was taken, and stands where it was refused', () => {
    const page = openWithFetchLater()
    page.put('a')
    page.delivery.stand()
    page.delivery.beacon()
    expect(page.standing[0]!.signal.aborted).toBe(true)
    const refusing = openWithFetchLater(false)
    refusing.put('a')
    refusing.delivery.stand()
    refusing.delivery.beacon()
    expect(refusing.standing[0]!.signal.aborted).toBe(false)
  })

  test('is nothing where nothing waits, and no fault where the browser has none', () => {
    const page = openWithFetchLater()
    page.delivery.stand()
    page.delivery.withdraw()
    expect(page.fetchLater).not.toHaveBeenCalled()
    vi.stubGlobal('window', {})
    page.put('a')
    expect(() => page.delivery.stand()).not.toThrow()
  })
})
