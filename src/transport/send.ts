import type { IngestAnswer } from '../protocol/record.ts'

/** What came back: status 0 for no answer, and no more than the status where the body is not JSON. */
export interface SendResult extends Partial<IngestAnswer> {
  status: number
}

const TIMEOUT = 10_000 // ms

/**
 * Post and read the answer. Never throws: offline, refused, timed out and blocked are all the same to us.
 * A string goes as text/plain, which needs no preflight. `keepalive`: it may outlive the page.
 */
export async function send(url: string, body: string): Promise<SendResult> {
  let status = 0
  try {
    const signal = AbortSignal.timeout?.(TIMEOUT) // Safari has it since 16
    const response = await fetch(url, { method: 'POST', body, credentials: 'omit', keepalive: true, signal })
    status = response.status
    return { ...(await response.json()), status }
  } catch {
    return { status }
  }
}
