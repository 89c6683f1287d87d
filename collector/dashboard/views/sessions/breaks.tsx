import type { ReportRow } from '../../../src/client.ts'
import type { Place } from '../../address/use-address.ts'
import type { Answer } from '../../ask/use-answer.ts'
import { Bar } from '../../charts/bar.tsx'
import { Amount, Duration, Share } from '../../parts/figures.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Answered } from '../../parts/state.tsx'
import { Table } from '../../parts/table.tsx'

interface Props {
  answer: Answer<ReportRow<'breaks'>[]>
  query: Place['query']
  about?: string
}

/** How often and how long people pause. */
export function Breaks({ answer, query, about = 'Stretches of at least a second without engaged time.' }: Props) {
  return (
    <Panel title="Breaks" about={about} report={['breaks', query]}>
      <Answered answer={answer}>
        {(rows) => (
          <Table
            caption="Breaks by kind"
            keyOf={({ kind }) => kind}
            rows={rows}
            columns={[
              {
                ...{ name: 'Kind', isHeading: true },
                cell: ({ kind }) => (kind === 'all' ? 'all' : <span class={`key ${kind}`}>{kind}</span>),
              },
              { name: 'Breaks', cell: ({ breaks }) => <Amount of={breaks} /> },
              { name: 'An hour', cell: ({ perHour }) => <data value={perHour}>{perHour.toFixed(1)}</data> },
              { name: 'Median', cell: ({ lengthMs }) => <Duration ms={lengthMs.p50} /> },
              { name: '90 %', cell: ({ lengthMs }) => <Duration ms={lengthMs.p90} /> },
              { name: 'In all', cell: ({ totalMs }) => <Duration ms={totalMs} /> },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}

const ORDINALS = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth', 'Ninth', 'Last']

/** Where in a session attention is. */
export function Tenths({ answer, query }: Pick<Props, 'answer' | 'query'>) {
  return (
    <Panel
      title="Engagement by tenth of the session"
      about="The share of each tenth of the sessions that was engaged."
      report={['breaks', query]}
    >
      <Answered answer={answer}>
        {(rows) => (
          <Table
            caption="Engaged share by tenth of the session"
            keyOf={({ name }) => name}
            rows={ORDINALS.map((name, at) => ({ name, share: rows[0]?.engagedByTenth[at] ?? 0 }))}
            columns={[
              { name: 'Tenth', isHeading: true, cell: ({ name }) => name },
              { name: 'Engaged', cell: ({ share }) => <Share of={share} /> },
              { name: '', isText: true, cell: ({ share }) => <Bar share={share} /> },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}
