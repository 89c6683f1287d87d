import type { WallTime } from '../core/time.ts'
import { type Envelope, PROTOCOL_VERSION, type SendMethod, type ViewRecord } from '../protocol/record.ts'
import { MAX_BATCH, type Queue } from '../queue/queue.ts'
import { backoff } from './backoff.ts'
import { send } from './send.ts'

/** Decides when what `queue` holds is sent to `url`, and what becomes of it. */
export function createDelivery(queue: Queue, url: string, now: () => WallTime, onError: (error: unknown) => void) {
  let failures = 0
  let retryAt: WallTime = 0
  let sending: Promise<void> | undefined
  let dropped = 0
  let carried: ViewRecord | undefined // the newest record of the last beacon

  const envelope = (via: SendMethod, records: ViewRecord[]): string =>
    JSON.stringify({
      v: PROTOCOL_VERSION,
      sentAt: now(),
      deferred: false,
      via,
      attempts: failures + 1,
      dropped,
      records,
    } satisfies Envelope)

  /** After what is being sent: send what the queue holds, a request's worth at a time, until a send fails. */
  const drain = async (before?: Promise<void>): Promise<void> => {
    await before
    while (now() >= retryAt) {
      const batch = await queue.read(drop)
      if (!batch[0]) return
      const body = envelope('fetch', batch)
      const { status, accepted, problems = [] } = await send(url, body)
      // Only a 2xx with a numeric `accepted` is an answer: a captive portal says 200, too.
      if (typeof accepted === 'number' && status < 300) {
        failures = dropped = 0
        for (const { problem } of problems) drop(1, problem)
      } else if (status === 400 || status === 422) drop(batch.length, `status ${status}`)
      else {
        retryAt = now() + backoff(++failures, Math.random())
        return
      }
      await queue.acknowledge(batch)
      if (body.length < MAX_BATCH / 2) return // that was all
    }
  }

  /** Send what waits, unless the pause after a failure runs. One after the other, so that nothing goes twice. */
  const flush = (): Promise<void> => {
    sending = drain(sending).catch(onError)
    return sending
  }

  /** Records are lost: say so, here and with the next send. */
  const drop = (count: number, why: string): void => {
    dropped += count
    onError(Error(`${count} records dropped: ${why}`))
  }

  return {
    flush,
    /** Send what waits, whatever failed before. */
    retry(): Promise<void> {
      retryAt = 0
      return flush()
    },
    /** After a failure: try again, if its pause is over. */
    tryAgain: () => failures && flush(),
    /** The page may be going away: one small send of this page's records that nobody has acknowledged. */
    beacon(): void {
      const batch = queue.readOwn()
      const [newest] = batch
      const body = envelope('beacon', batch)
      // That it was taken is no receipt: it is while offline, too.
      if (newest && newest !== carried && !navigator.sendBeacon?.(url, body)) send(url, body)
      carried = newest
    },
  }
}
