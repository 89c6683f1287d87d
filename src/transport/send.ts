import { type Millis, seconds } from '../core/time.ts'
import type { IngestAnswer } from '../protocol/record.ts'

/** What came back: status 0 for no answer, and no more than the status where the body is not JSON. */
export interface SendResult extends Partial<IngestAnswer> {
  status: number
  /** How long the collector wants to be left alone, 0 where it does not say. */
  retryAfter: Millis
}

const TIMEOUT = 10_000 // ms

/** A string goes as text/plain, which needs no preflight. `keepalive`: it may outlive the page. */
export const post = (body: string, signal: AbortSignal): RequestInit => ({
  ...{ method: 'POST', body, credentials: 'omit', keepalive: true, signal },
})

/** Post and read the answer. Never throws: offline, refused, timed out and blocked are all the same to us. */
export async function send(url: string, body: string): Promise<SendResult> {
  let status = 0
  let retryAfter = 0
  try {
    const response = await fetch(url, post(body, AbortSignal.timeout?.(TIMEOUT))) // Safari has it since 16
    status = response.status
    retryAfter = seconds(+response.headers.get('Retry-After')! || 0)
    return { ...(await response.json()), status, retryAfter }
  } catch {
    return { status, retryAfter }
  }
}
