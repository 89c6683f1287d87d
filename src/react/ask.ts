/** One user; null are all the sessions that told of none. Seconds. */
export interface DurationResult {
  user_id: string | null
  average_duration: number
  /** By the percentage that was asked for. */
  percentiles?: Record<string, number>
}

/** What the collector's `POST /api/session-duration` can be asked along with the dates. */
export interface SessionDurationFilter {
  /** Name of an IANA time zone: whose days are meant; UTC if left out. */
  timezone?: string
  site?: string
  /** A path, with `*` for any part of it. */
  page?: string
  /** The whole session, or how long its pages were visible, engaged or open in it. */
  metric?: 'session' | 'visible' | 'engaged' | 'total'
  /** Sessions that told neither a user nor a visitor id, too. */
  anonymous?: boolean
}

interface Question extends SessionDurationFilter {
  /** As YYYY-MM-DD, like `end_date`. */
  start_date: string
  end_date: string
  percentiles?: number[]
}

/** Never throws: what went wrong is in the answer, in the server's words where it has some. */
export async function askSessionDuration(
  endpoint: string,
  question: Question,
  { headers, signal }: { headers?: Record<string, string>; signal: AbortSignal },
): Promise<{ results: DurationResult[] } | { error: string }> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(question),
      signal,
    })
    const { results, detail, problem } = await response.json().catch(() => ({}))
    if (response.ok && Array.isArray(results)) return { results }
    return { error: String(detail ?? problem ?? `The server answered ${response.status}, and no results.`) }
  } catch {
    return { error: 'The server cannot be reached.' }
  }
}
