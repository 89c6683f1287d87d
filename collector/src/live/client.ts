import type { LiveEvent } from './event.ts'

/** An event of the live stream as its clients get it. */
export type ReceivedEvent = Pick<LiveEvent, 'name' | 'session' | 'stats'> & { id: string }

export interface FollowOptions {
  /** Of the collector, as `https://stats.example.org`. */
  origin: string
  /** None is needed on the collector's own machine. */
  token?: string
  /** All if there is none. */
  site?: string
  /** Ends it. */
  signal?: AbortSignal
  onEvent: (event: ReceivedEvent) => void
  /** The stream is there, or is gone until the next try. */
  onState?: (state: 'connected' | 'lost', reason?: string) => void
  /** Some events could not be sent any more: the collector was restarted, or it was too long. */
  onGap?: () => void
  fetch?: typeof globalThis.fetch
}

/** The longest silence: the collector says every 15 s that it lives. */
const SILENCE_MS = 45_000

/** The longest pause before the next try, in ms; the first is what the collector asks for. */
const LONGEST_PAUSE_MS = 30_000

/** Follows the live stream for ever, over restarts and lost connections; resolves when the signal says so. */
export async function followLive(options: FollowOptions): Promise<void> {
  const { signal, onState } = options
  const place = { lastEventId: '', retryMs: 1_000 }
  let failures = 0
  while (!signal?.aborted) {
    try {
      await follow(options, place, () => {
        failures = 0
        onState?.('connected')
      })
      if (!signal?.aborted) onState?.('lost', 'the collector ended it')
    } catch (error) {
      if (signal?.aborted) return
      onState?.('lost', reasonOf(error))
      if (error instanceof RefusedError) throw error
    }
    await pause(Math.min(LONGEST_PAUSE_MS, place.retryMs * 2 ** failures++), signal)
  }
}

/** Trying again could not help: the answer would be the same. */
export class RefusedError extends Error {}

const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error & { cause?: Error }
  return cause?.message ?? message
}

interface Place {
  lastEventId: string
  retryMs: number
}

async function follow(options: FollowOptions, place: Place, onConnected: () => void): Promise<void> {
  const { origin, token, site, signal, fetch = globalThis.fetch } = options
  const url = new URL('/api/live', origin)
  if (site !== undefined) url.searchParams.set('site', site)
  const silence = new AbortController()
  const headers = {
    accept: 'text/event-stream',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(place.lastEventId && { 'last-event-id': place.lastEventId }),
  }
  const response = await fetch(url, { headers, signal: AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]) })
  if (!response.ok || !response.body) {
    const problem = `the collector answered ${response.status}: ${(await response.text()).slice(0, 200)}`
    throw response.status >= 400 && response.status < 500 && response.status !== 429
      ? new RefusedError(problem)
      : new Error(problem)
  }
  onConnected()
  let timer: ReturnType<typeof setTimeout> | undefined
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(new Error('it has fallen silent')), SILENCE_MS)
  }
  try {
    heard()
    for await (const message of messages(response.body, heard)) take(message, options, place)
  } finally {
    clearTimeout(timer)
  }
}

type Message = Partial<Record<'id' | 'event' | 'data' | 'retry', string>>

function take({ id, event, data, retry }: Message, { onEvent, onGap }: FollowOptions, place: Place): void {
  if (retry !== undefined) place.retryMs = Number(retry) || place.retryMs
  if (event === 'gap') onGap?.()
  if (id === undefined || event === undefined || data === undefined) return
  place.lastEventId = id
  onEvent({ id, name: event as LiveEvent['name'], ...(JSON.parse(data) as Pick<LiveEvent, 'session' | 'stats'>) })
}

/** The messages of an event stream; each is ended by an empty line. */
async function* messages(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<Message> {
  const decoder = new TextDecoder()
  let text = ''
  const reader = body.getReader() // not every browser iterates over streams
  for (;;) {
    const { done, value: bytes } = await reader.read()
    if (done) return
    heard()
    text += decoder.decode(bytes, { stream: true })
    const parts = text.split('\n\n')
    text = parts.pop()!
    for (const part of parts) yield Object.fromEntries(part.split('\n').map(fieldOf))
  }
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
}

const pause = (ms: number, signal: AbortSignal | undefined) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
