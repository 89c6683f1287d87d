import type { Envelope, IngestAnswer } from '../protocol/record.ts'

/** What came back: 0 for no answer, and an empty body for none that is JSON. */
export interface SendResult extends Partial<IngestAnswer> {
  status: number
}

const SEND_TIMEOUT = 10_000 // ms

/**
 * Post and read the answer. Never throws: offline, refused, timed out and blocked are all the same to us.
 * A string goes as text/plain, which needs no preflight. `keepalive`: it may outlive the page.
 */
export async function send(url: string, envelope: Envelope): Promise<SendResult> {
  let status = 0
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify(envelope),
      credentials: 'omit',
      keepalive: true,
      signal: AbortSignal.timeout?.(SEND_TIMEOUT) ?? null, // Safari has it since 16
    })
    status = response.status
    return { ...(await response.json()), status }
  } catch {
    return { status }
  }
}

/** Hand over to the browser what must survive the page. That it was taken is no receipt: it is while offline, too. */
export function sendBeacon(url: string, envelope: Envelope): void {
  if (!navigator.sendBeacon?.(url, JSON.stringify(envelope))) send(url, envelope)
}
