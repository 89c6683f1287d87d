// @vitest-environment happy-dom
import { h, render } from 'preact'
import { beforeEach, expect, test, vi } from 'vitest'
import { type Reading, ReadingProvider } from '../../../dashboard/ask/reading.ts'
import { type Answer, useAnswer } from '../../../dashboard/ask/use-answer.ts'
import { ApiError } from '../../../src/client.ts'

let reading: Reading
let seen: Answer<string>
const place = document.createElement('div')

/** Of each question asked: how it is answered. */
const asked = new Map<string, { answer: (text: string) => void; fail: (error: Error) => void; signal: AbortSignal }>()

function Reader({ question }: { question: string }) {
  seen = useAnswer(
    question,
    () =>
      new Promise<string>((answer, fail) => {
        asked.set(question, { answer, fail, signal: signals.at(-1)! })
      }),
  )
  return null
}

/** Of every client that was made. */
const signals: AbortSignal[] = []
const show = (question: string | null) =>
  render(question === null ? null : h(ReadingProvider, { value: reading }, h(Reader, { question })), place)
const isAsked = (question: string) => vi.waitFor(() => expect(asked.has(question)).toBe(true))

const AbortControllerBefore = globalThis.AbortController
vi.stubGlobal(
  'AbortController',
  class extends AbortControllerBefore {
    constructor() {
      super()
      signals.push(this.signal)
    }
  },
)

beforeEach(() => {
  reading = { token: undefined, setToken() {}, refusal: undefined, refuse: vi.fn(), round: 0, refresh() {} }
  show(null)
})

test('another question lets go of the one before, whose late answer is not taken', async () => {
  show('a1')
  await isAsked('a1')
  show('b1')
  await isAsked('b1')
  expect(asked.get('a1')!.signal.aborted).toBe(true)
  asked.get('b1')!.answer('B')
  await vi.waitFor(() => expect(seen).toMatchObject({ value: 'B', isAsking: false }))
  asked.get('a1')!.answer('A')
  await new Promise((resolve) => setTimeout(resolve))
  expect(seen.value).toBe('B')
})

test('the old answer stays until the new one comes, and what was seen before is there at once', async () => {
  show('a2')
  await isAsked('a2')
  asked.get('a2')!.answer('A')
  await vi.waitFor(() => expect(seen.isAsking).toBe(false))
  show('b2')
  await isAsked('b2')
  await vi.waitFor(() => expect(seen).toMatchObject({ value: 'A', isAsking: true }))
  asked.get('b2')!.answer('B')
  await vi.waitFor(() => expect(seen.value).toBe('B'))
  asked.delete('a2')
  show('a2')
  await isAsked('a2')
  await vi.waitFor(() => expect(seen).toMatchObject({ value: 'A', isAsking: true }))
})

test('who is gone asks nothing more', async () => {
  show('a3')
  await isAsked('a3')
  show(null)
  await vi.waitFor(() => expect(asked.get('a3')!.signal.aborted).toBe(true))
})

test.each([
  [401, undefined, true],
  [401, 'some token', true],
  [403, undefined, true],
  [403, 'some token', false],
  [500, undefined, false],
])('a %i with token %s asks for another token: %s', async (status, token, isRefusal) => {
  reading = { ...reading, ...(token !== undefined && { token }) }
  const question = `a4 ${status} ${token}`
  show(question)
  await isAsked(question)
  const error = new ApiError(status, 'no')
  asked.get(question)!.fail(error)
  await vi.waitFor(() => expect(seen.error).toBe(error))
  expect(reading.refuse).toHaveBeenCalledTimes(isRefusal ? 1 : 0)
})
