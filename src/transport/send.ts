const TIMEOUT = 10_000 // ms

/** A string goes as text/plain, which needs no preflight. `keepalive`: it may outlive the page. */
export const post = (body: string, signal: AbortSignal): RequestInit => ({
  ...{ method: 'POST', body, credentials: 'omit', keepalive: true, signal },
})

/** Post `body`. No response: offline, refused, timed out and blocked are all the same to us. */
export const send = async (url: string, body: string): Promise<Response | undefined> => {
  try {
    return await fetch(url, post(body, AbortSignal.timeout?.(TIMEOUT))) // Safari has it since 16
  } catch {
    return
  }
}
