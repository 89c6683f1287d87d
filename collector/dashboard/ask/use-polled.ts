import { useLayoutEffect, useState } from 'preact/hooks'
import type { ReportName, ReportQuery, ReportRow } from '../../src/client.ts'
import { clientUntil, isAboutToken, useReading } from './reading.ts'
import type { Answer } from './use-answer.ts'

/** A report that is asked again and again while the page is shown; what was known stays until the next answer. */
export function usePolled<Name extends ReportName>(
  name: Name,
  query: ReportQuery<Name>,
  { everyMs, pulse = 0 }: { everyMs: number; pulse?: number },
): Answer<ReportRow<Name>[]> {
  const { token, round, refuse } = useReading()
  const [answer, setAnswer] = useState<Answer<ReportRow<Name>[]>>({ isAsking: true })
  const question = JSON.stringify(query)

  // A pulse asks at once, and the next time comes as long after it.
  useLayoutEffect(() => {
    const stopping = new AbortController()
    async function ask(): Promise<void> {
      if (document.hidden) return
      try {
        const value = await clientUntil(stopping.signal, token).report(name, query)
        if (!stopping.signal.aborted) setAnswer({ value, isAsking: false })
      } catch (error) {
        if (stopping.signal.aborted) return
        if (isAboutToken(error, token)) refuse(error)
        setAnswer({ error: error as Error, isAsking: false })
      }
    }
    void ask()
    const timer = setInterval(() => void ask(), everyMs)
    document.addEventListener('visibilitychange', () => void ask(), { signal: stopping.signal })
    return () => {
      stopping.abort()
      clearInterval(timer)
    }
  }, [name, question, everyMs, pulse, token, round])

  return answer
}
