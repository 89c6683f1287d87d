import { useLayoutEffect, useState } from 'preact/hooks'
import type { ReportName, ReportQuery, ReportRow } from '../../src/client.ts'
import { type Client, clientUntil, isAboutToken, useReading } from './reading.ts'

/** What is known of an answer now. */
export interface Answer<T> {
  /** The newest, or while it is asked anew the one before. */
  value?: T
  error?: Error
  isAsking: boolean
}

/** Answers by question, so that going back shows at once what was seen; the oldest go first. */
const known = new Map<string, unknown>()
const KNOWN_MOST = 60

/** Asks when the question changes, and lets go of what is no longer wanted. Without a question nothing is asked. */
export function useAnswer<T>(question: string | undefined, ask: (client: Client) => Promise<T>): Answer<T> {
  const { token, round, refuse } = useReading()
  const [answer, setAnswer] = useState<{ question?: string; value?: T; error?: Error; isAsking: boolean }>({
    isAsking: true,
  })

  // The question says what `ask` asks. Before anything is painted: the answer takes longer than that.
  useLayoutEffect(() => {
    if (question === undefined) return
    const stopping = new AbortController()
    setAnswer(({ value }) => ({
      ...(known.has(question)
        ? { question, value: known.get(question) as T }
        : { ...(value !== undefined && { value }) }),
      isAsking: true,
    }))
    ask(clientUntil(stopping.signal, token)).then(
      (value) => {
        remember(question, value)
        if (!stopping.signal.aborted) setAnswer({ question, value, isAsking: false })
      },
      (error: Error) => {
        if (stopping.signal.aborted) return
        if (isAboutToken(error, token)) refuse(error)
        setAnswer({ question, error, isAsking: false })
      },
    )
    return () => stopping.abort()
  }, [question, round, token])

  return answer
}

function remember(question: string, value: unknown): void {
  known.delete(question)
  known.set(question, value)
  const [oldest] = known.keys()
  if (known.size > KNOWN_MOST) known.delete(oldest!)
}

/** Reports that are being asked now. */
const asking = new Set<Promise<unknown>>()

/** The rows of a report; `isLast`: when no other is being asked any more. */
export const useReport = <Name extends ReportName>(
  name: Name,
  query: ReportQuery<Name> | undefined,
  { isLast = false } = {},
): Answer<ReportRow<Name>[]> =>
  useAnswer(query && `${name} ${JSON.stringify(query)}`, async (client) => {
    while (isLast && asking.size > 0) await Promise.allSettled(asking)
    const report = client.report(name, query!)
    asking.add(report)
    return report.finally(() => asking.delete(report))
  })
