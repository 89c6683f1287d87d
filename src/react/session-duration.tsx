import { type FormEvent, useEffect, useRef, useState } from 'react'
import { askSessionDuration, type DurationResult, type SessionDurationFilter } from './ask.ts'

export interface SessionDurationProps {
  /** A collector's `POST /api/session-duration`, or a route of your own that passes it on. */
  endpoint?: string
  /** Sent along, as `{ authorization: 'Bearer …' }`. */
  headers?: Record<string, string>
  /** Asked along with the two dates. */
  filter?: SessionDurationFilter
  /** Shows, beside the average, what 25, 50, 75 and 90 % of each user's sessions lasted at most. */
  distribution?: boolean
}

type Answer = { loading: true } | { results: DurationResult[] } | { error: string }
type Column = 'user_id' | 'average_duration' | (typeof PERCENTILES)[number]

const PERCENTILES = ['25', '50', '75', '90'] as const

/** Asks for two dates and shows the average session duration of each user. Unstyled: each part has a class. */
export function SessionDuration({
  endpoint = '/api/session-duration',
  headers,
  filter,
  distribution = false,
}: SessionDurationProps) {
  const [startDate, setStartDate] = useState('')
  const [endDate, setEndDate] = useState('')
  const [answer, setAnswer] = useState<Answer>()
  const asking = useRef<AbortController>(undefined)
  useEffect(() => () => asking.current?.abort(), [])

  async function ask(event: FormEvent) {
    event.preventDefault()
    asking.current?.abort()
    asking.current = new AbortController()
    const { signal } = asking.current
    setAnswer({ loading: true })
    const percentiles = distribution ? PERCENTILES.map(Number) : undefined
    const question = { ...filter, percentiles, start_date: startDate, end_date: endDate }
    const answered = await askSessionDuration(endpoint, question, { headers, signal })
    if (!signal.aborted) setAnswer(answered)
  }

  return (
    <section className="session-duration">
      <h2 className="session-duration-heading">Session Duration Metrics</h2>
      <form className="session-duration-form" onSubmit={ask}>
        <label className="session-duration-label" htmlFor="start-date">
          Start Date:
        </label>
        <input
          className="session-duration-date"
          id="start-date"
          type="date"
          required
          value={startDate}
          onChange={(event) => setStartDate(event.target.value)}
        />
        <label className="session-duration-label" htmlFor="end-date">
          End Date:
        </label>
        <input
          className="session-duration-date"
          id="end-date"
          type="date"
          required
          value={endDate}
          onChange={(event) => setEndDate(event.target.value)}
        />
        <button className="session-duration-button" type="submit">
          Get Metrics
        </button>
      </form>
      {answer && <Answered answer={answer} columns={distribution ? [...COLUMNS, ...PERCENTILES] : COLUMNS} />}
    </section>
  )
}

const COLUMNS: Column[] = ['user_id', 'average_duration']

function Answered({ answer, columns }: { answer: Answer; columns: Column[] }) {
  if ('loading' in answer) {
    return (
      <p className="session-duration-loading" role="status">
        Loading…
      </p>
    )
  }
  if ('error' in answer) {
    return (
      <p className="session-duration-error" role="alert">
        {answer.error}
      </p>
    )
  }
  if (answer.results.length === 0) {
    return (
      <p className="session-duration-empty" role="status">
        No sessions between these dates.
      </p>
    )
  }
  return <Results results={answer.results} columns={columns} />
}

function Results({ results, columns }: { results: DurationResult[]; columns: Column[] }) {
  const [sort, setSort] = useState<{ by: Column; isDescending: boolean }>()
  const rows = sort
    ? [...results].sort((a, b) => (sort.isDescending ? -1 : 1) * compare(cell(a, sort.by), cell(b, sort.by)))
    : results
  const directionOf = (column: Column) =>
    sort?.by !== column ? undefined : sort.isDescending ? 'descending' : 'ascending'

  return (
    <table className="session-duration-table">
      <thead>
        <tr>
          {columns.map((column) => (
            <th className="session-duration-column" key={column} scope="col" aria-sort={directionOf(column)}>
              <button
                className="session-duration-sort"
                type="button"
                onClick={() => setSort({ by: column, isDescending: directionOf(column) === 'ascending' })}
              >
                {title(column)}
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr className="session-duration-row" key={row.user_id ?? ''}>
            {columns.map((column) => (
              <td className="session-duration-cell" key={column}>
                {cell(row, column) ?? '(anonymous)'}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function title(column: Column): string {
  if (column === 'user_id') return 'User ID'
  return column === 'average_duration' ? 'Average Session Duration (seconds)' : `${column} % (seconds)`
}

function cell(row: DurationResult, column: Column): string | number | null {
  return column === 'user_id' || column === 'average_duration' ? row[column] : row.percentiles![column]!
}

const compare = (a: string | number | null, b: string | number | null): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a ?? '').localeCompare(String(b ?? ''))
