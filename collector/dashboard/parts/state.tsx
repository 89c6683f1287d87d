import type { ComponentChildren } from 'preact'
import { ApiError } from '../../src/client.ts'
import { useReading } from '../ask/reading.ts'
import type { Answer } from '../ask/use-answer.ts'

interface AnsweredProps<T> {
  answer: Answer<T>
  /** Lines that stand in for it until it comes, so that nothing jumps. */
  lines?: number
  children: (value: T) => ComponentChildren
}

/** What came, what stands in for it, or why it does not come. An older answer stays, dimmed, until the new one is there. */
export function Answered<T>({ answer: { value, error, isAsking }, lines = 4, children }: AnsweredProps<T>) {
  if (error) return <Problem error={error} />
  if (value === undefined) return <Waiting lines={lines} />
  return (
    <div class={isAsking ? 'answered old' : 'answered'} aria-busy={isAsking}>
      {children(value)}
    </div>
  )
}

function Waiting({ lines }: { lines: number }) {
  return (
    <div class="waiting" aria-busy="true">
      <span class="unseen">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="line" aria-hidden="true" />
      ))}
    </div>
  )
}

function Problem({ error }: { error: Error }) {
  const { refresh } = useReading()
  return (
    <div class="problem" role="alert">
      <p>{adviceFor(error)}</p>
      <button type="button" onClick={refresh}>
        Try again
      </button>
    </div>
  )
}

/** What happened and what to do, in words. */
function adviceFor(error: Error): string {
  if (!(error instanceof ApiError)) return 'The collector does not answer. Is it running, and is the network there?'
  if (error.status === 503) return `${sentence(error.message)} It is busy or not the one that keeps: try again soon.`
  if (error.status === 400) return `The collector cannot answer that: ${error.message}. Change the filters above.`
  if (error.status === 403) return `Not with this token: ${error.message}.`
  return sentence(error.message)
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
