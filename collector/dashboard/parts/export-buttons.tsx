import { useState } from 'preact/hooks'
import type { ReportName, ReportQuery } from '../../src/client.ts'
import { clientUntil, useReading } from '../ask/reading.ts'

interface ExportProps<Name extends ReportName> {
  title: string
  name: Name
  query: ReportQuery<Name>
}

/** The report behind a panel as a file, with the filters as they are. */
export function ExportButtons<Name extends ReportName>({ title, name, query }: ExportProps<Name>) {
  const { token } = useReading()
  const [problem, setProblem] = useState('')

  async function save(format: 'csv' | 'json'): Promise<void> {
    try {
      setProblem('')
      const client = clientUntil(AbortSignal.timeout(60_000), token)
      const text =
        format === 'csv' ? await client.csv(name, query) : JSON.stringify(await client.report(name, query), null, 2)
      const days = query as { start_date?: string; end_date?: string }
      download(text, `${[name, days.start_date, days.end_date].filter(Boolean).join('_')}.${format}`, format)
    } catch (error) {
      setProblem(`Could not be exported: ${(error as Error).message}`)
    }
  }

  return (
    <>
      {problem && (
        <span class="fault" role="alert">
          {problem}
        </span>
      )}
      {(['csv', 'json'] as const).map((format) => (
        <button key={format} type="button" class="export" onClick={() => void save(format)}>
          <span class="unseen">Export {title} as </span>
          {format.toUpperCase()}
        </button>
      ))}
    </>
  )
}

const TYPES = { csv: 'text/csv', json: 'application/json' }

function download(text: string, name: string, format: 'csv' | 'json'): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${TYPES[format]};charset=utf-8` }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  URL.revokeObjectURL(url)
}
