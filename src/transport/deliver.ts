import { max, seconds, type WallTime } from '../core/time.ts'
import {
  type Envelope,
  type IngestAnswer,
  PROTOCOL_VERSION,
  type SendMethod,
  type ViewRecord,
} from '../protocol/record.ts'
import type { Queue } from '../queue/queue.ts'
import { backoff } from './backoff.ts'
import { post, send } from './send.ts'

/** Of one request, in UTF-16 units of JSON: leaves room in the 64 KiB that all scripts of a page share in flight. */
export const MAX_BATCH = 16_000

/** Decides when what `queue` holds is sent to `url`, and what becomes of it. */
export function createDelivery(queue: Queue, url: string, now: () => WallTime, onError: (error: unknown) => void) {
  let failures = 0
  let retryAt: WallTime = 0
  let sending: Promise<void> | undefined
  let dropped = 0
  let room = MAX_BATCH
  let carried: ViewRecord | undefined // the newest record of the last beacon
  let standing: AbortController | undefined // of the send that the browser does when the page is gone

  const envelope = (via: SendMethod, records: ViewRecord[]): string =>
    JSON.stringify({
      v: PROTOCOL_VERSION,
      sentAt: now(),
      deferred: via === 'fetchLater',
      via,
      attempts: failures + 1,
      dropped,
      records,
    } satisfies Envelope)

  /** After what is being sent: send what the queue holds, a request's worth at a time, until a send fails. */
  async function drain(before?: Promise<void>): Promise<void> {
    await before
    while (now() >= retryAt) {
      const batch = await queue.claim(room)
      if (!batch[0]) return
      const body = envelope('fetch', batch)
      const response = await send(url, body)
      const status = response?.status
      const answer: Partial<IngestAnswer> | null = await response?.json().catch(() => null)
      const retryAfter = response?.headers.get('Retry-After')
      // Only a 2xx with a numeric `accepted` is an answer: a captive portal says 200, too.
      const isAccepted = response?.ok && typeof answer?.accepted === 'number'
      const isTooLarge = status === 413 && !!batch[1]
      const isRefused = /4(00|13|22)/.test(`${status}`) && !isTooLarge
      if (isAccepted) {
        failures = dropped = 0
        for (const lost of answer.problems ?? []) drop(1, lost.problem)
      } else if (isRefused) drop(batch.length, `status ${status}`)
      else if (isTooLarge) room /= 2
      else retryAt = now() + max(backoff(++failures, Math.random()), seconds(Number(retryAfter) || 0))
      await queue.settle(batch, isAccepted || isRefused)
      if (isAccepted && body.length < room / 2) return // that was all
    }
  }

  /** Send what waits, unless the pause after a failure runs. One after the other, so that nothing goes twice. */
  function flush(): Promise<void> {
    sending = drain(sending).catch(onError)
    return sending
  }

  /** Records are lost: say so, here and with the next send. */
  function drop(count: number, why: string): void {
    dropped += count
    onError(Error(`${count} records dropped: ${why}`))
  }

  /** What stands would be of yesterday. */
  function withdraw(): void {
    standing?.abort()
    standing = undefined
  }

  return {
    flush,
    drop,
    withdraw,
    /** Send what waits, whatever failed before. */
    retry(): Promise<void> {
      retryAt = 0
      return flush()
    },
    /** After a failure: try again, if its pause is over. */
    tryAgain: () => failures && flush(),
    /**
     * Have the browser send the newest record by itself when the page is gone without a word: crash, kill, discard.
     * In Chromium since 135; it may be out of quota.
     */
    stand(): void {
      const [record] = queue.readOwn(0)
      if (standing || !record) return
      standing = new AbortController()
      const { fetchLater } = window as { fetchLater?: typeof fetch }
      fetchLater?.(url, post(envelope('fetchLater', [record]), standing.signal))
    },
    /** The page may be going away: one small send of this page's records that nobody has acknowledged. */
    beacon(): void {
      const batch = queue.readOwn(MAX_BATCH)
      if (!batch[0] || batch[0] === carried) return
      carried = batch[0]
      const body = envelope('beacon', batch)
      // That it was taken is no receipt: it is while offline, too.
      if (navigator.sendBeacon?.(url, body)) withdraw()
      else send(url, body)
    },
  }
}
