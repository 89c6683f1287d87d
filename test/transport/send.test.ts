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

  test('answers the response, whatever its status', async () => {
    const response = Response.json({ accepted: 2 }, { status: 500 })
    answerWith(async () => response)
    expect(await send('/', '')).toBe(response)
  })

  test('never throws: offline is an answer, too', async () => {
    answerWith(() => Promise.reject(new TypeError('Failed to fetch')))
    expect(await send('/', '')).toBeUndefined()
    answerWith(() => {
      throw new TypeError('Failed to parse URL')
    })
    expect(await send('https://:::', '')).toBeUndefined()
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
    expect(await (await send('/', ''))!.json()).toEqual({ accepted: 1 })
  })
})
