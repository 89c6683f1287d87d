import { afterEach, describe, expect, test, vi } from 'vitest'
import { send } from '../../src/transport/send.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const answerWith = (answer: () => Promise<Response>) => {
  const fetch = vi.fn((_: string, __: RequestInit) => answer())
  vi.stubGlobal('fetch', fetch)
  return fetch
}

describe('a send', () => {
  test('posts text without cookies, and may outlive the page', async () => {
    const fetch = answerWith(async () => Response.json({ accepted: 1, problems: [] }))
    await send('/v1/records', '{}')
    expect(fetch).toHaveBeenCalledExactlyOnceWith('/v1/records', expect.anything())
    expect(fetch.mock.calls[0]![1]).toMatchObject({ method: 'POST', body: '{}', credentials: 'omit', keepalive: true })
    expect(fetch.mock.calls[0]![1].headers).toBeUndefined() // a string is text/plain, which needs no preflight
  })

  test('answers what the collector said', async () => {
    const problems = [{ index: 0, problem: 'seq: want an integer >= 1' }]
    answerWith(async () => Response.json({ accepted: 2, problems }))
    expect(await send('/', '')).toEqual({ status: 200, accepted: 2, problems, retryAfter: 0 })
  })

  test('keeps the status of the response, whatever the body says of one', async () => {
    answerWith(async () => Response.json({ status: 200, accepted: 1 }, { status: 500 }))
    expect(await send('/', '')).toMatchObject({ status: 500 })
  })

  test.each(['<html>please log in</html>', '', '{', 'null', '"text"', '7'])(
    'has no number accepted in a body of %j',
    async (body) => {
      answerWith(async () => new Response(body))
      const result = await send('/', '')
      expect(result.status).toBe(200)
      expect(result.accepted).toBeUndefined()
    },
  )

  test('never throws: offline is an answer, too', async () => {
    answerWith(() => Promise.reject(new TypeError('Failed to fetch')))
    expect(await send('/', '')).toEqual({ status: 0, retryAfter: 0 })
    answerWith(() => {
      throw new TypeError('Failed to parse URL')
    })
    expect(await send('https://:::', '')).toEqual({ status: 0, retryAfter: 0 })
  })

  test.each([
    ['120', 120_000],
    ['0', 0],
    ['soon', 0],
    ['Sun, 22 Nov 2026 10:00:00 GMT', 0],
  ])('answers how long the collector wants to be left alone: Retry-After %s', async (header, retryAfter) => {
    answerWith(async () => Response.json({}, { status: 429, headers: { 'Retry-After': header } }))
    expect(await send('/', '')).toMatchObject({ status: 429, retryAfter })
    answerWith(async () => new Response('<html>', { status: 503, headers: { 'Retry-After': header } }))
    expect(await send('/', '')).toMatchObject({ status: 503, retryAfter })
  })

  test('is given up after 10 s', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout')
    const fetch = answerWith(async () => Response.json({ accepted: 0 }))
    await send('/', '')
    expect(timeout).toHaveBeenCalledExactlyOnceWith(10_000)
    expect(fetch.mock.calls[0]![1].signal).toBe(timeout.mock.results[0]!.value)
  })

  test('works in a browser that has no AbortSignal.timeout()', async () => {
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(undefined as never)
    Object.defineProperty(AbortSignal, 'timeout', { value: undefined, configurable: true, writable: true })
    answerWith(async () => Response.json({ accepted: 1 }))
    expect(await send('/', '')).toMatchObject({ accepted: 1 })
  })
})
