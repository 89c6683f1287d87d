import type { ReportRow } from '../../src/client.ts'
import { type Place, usePlace } from '../address/use-address.ts'
import { type Answer, useReport } from '../ask/use-answer.ts'
import { NothingYet } from '../parts/empty.tsx'
import { Amount, Duration, Share } from '../parts/figures.tsx'
import { Panel } from '../parts/panel.tsx'
import { Answered } from '../parts/state.tsx'
import { Table } from '../parts/table.tsx'
import { sayEnd } from '../words/ends.ts'
import { Breaks, Tenths } from './sessions/breaks.tsx'
import { Newest } from './sessions/newest.tsx'
import { Sources } from './sessions/sources.tsx'
import { Histogram } from './time/histogram.tsx'

const CLOCKS = [
  { key: 'duration', name: 'Duration', color: '--before' },
  { key: 'visible', name: 'Visible', color: '--visible' },
  { key: 'engaged', name: 'Engaged', color: '--engaged' },
] as const

/** Sessions together, and the newest of them. */
export function Sessions() {
  const { query } = usePlace()
  const distribution = useReport('session-distribution', query)
  const lengths = useReport('session-lengths', query)
  const breaks = useReport('breaks', query)
  if (lengths.value?.length === 0 && !lengths.isAsking) return <NothingYet />
  return (
    <div class="grid">
      <Histogram
        title="Durations"
        what="Sessions"
        clocks={CLOCKS}
        answer={distribution}
        report={['session-distribution', query]}
      />
      <div class="stack">
        <Ends answer={lengths} query={query} />
        <Breaks answer={breaks} query={query} />
      </div>
      <Tenths answer={breaks} query={query} />
      <Sources />
      <Newest />
    </div>
  )
}

function Ends({ answer, query }: { answer: Answer<ReportRow<'session-lengths'>[]>; query: Place['query'] }) {
  return (
    <Panel title="Ends" about="How sessions ended, and how long they were." report={['session-lengths', query]}>
      <Answered answer={answer}>
        {(rows) => (
          <Table
            caption="Sessions by how they ended"
            keyOf={({ end }) => end}
            rows={rows.toSorted((a, b) => b.share - a.share)}
            columns={[
              { name: 'End', isHeading: true, cell: ({ end }) => <span title={end}>{sayEnd(end)}</span> },
              { name: 'Sessions', cell: ({ sessions }) => <Amount of={sessions} /> },
              { name: 'Share', cell: ({ share }) => <Share of={share} /> },
              { name: 'Median', cell: ({ durationMs }) => <Duration ms={durationMs.p50} /> },
              { name: '90 %', cell: ({ durationMs }) => <Duration ms={durationMs.p90} /> },
              { name: 'Average', cell: ({ averageDurationMs }) => <Duration ms={averageDurationMs} /> },
              {
                name: 'Pages',
                cell: ({ pagesPerSession }) => <data value={pagesPerSession}>{pagesPerSession.toFixed(1)}</data>,
              },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}
