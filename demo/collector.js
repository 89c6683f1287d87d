const TIMEOUT = 5000 // ms

/** Asks the collector. What can go wrong in normal life is a value, in words for the reader. */
export async function ask(path, options) {
  let response
  try {
    response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT), ...options })
  } catch {
    return { ok: false, problem: 'The collector does not answer. Is it running?' }
  }
  const answer = await response.json().catch(() => undefined) // a proxy's error page is no JSON
  if (response.ok && answer) return { ok: true, answer }
  return { ok: false, problem: problemOf(response.status, answer) }
}

function problemOf(status, answer) {
  if (status === 401 || status === 403) {
    return 'The collector keeps its reports to itself (403): without a read token it answers only a page opened on the machine it runs on.'
  }
  if (typeof answer?.detail === 'string') return `The collector says: ${answer.detail}`
  return `The collector answered with status ${status}.`
}
