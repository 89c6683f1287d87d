import type { ReportRow } from '../../src/client.ts'
import { toView, withFilter } from '../address/address.ts'
import { type Place, usePlace } from '../address/use-address.ts'
import { type Answer, useReport } from '../ask/use-answer.ts'
import { Bar } from '../charts/bar.tsx'
import { NothingYet } from '../parts/empty.tsx'
import { Amount, Duration, Share } from '../parts/figures.tsx'
import { Link } from '../parts/link.tsx'
import { Panel } from '../parts/panel.tsx'
import { Answered } from '../parts/state.tsx'
import { Table } from '../parts/table.tsx'
import { Histogram, VIEW_CLOCKS } from './time/histogram.tsx'
import { Leaving, Survival } from './time/survival.tsx'

const EXITS = { sort: 'exits', limit: '10' } as const

/** How long views last: not on average, but each. */
export function Time() {
  const { query } = usePlace()
  const distribution = useReport('distribution', query)
  const overview = useReport('overview', query)
  const pages = useReport('pages', { ...query, ...EXITS })
  if (distribution.value?.length === 0 && !distribution.isAsking) return <NothingYet />
  return (
    <div class="grid">
      <Survival answer={distribution} query={query} />
      <Leaving answer={distribution} />
      <Histogram
        title="Distribution"
        what="Views"
        clocks={VIEW_CLOCKS}
        answer={distribution}
        report={['distribution', query]}
      />
      <Percentiles answer={overview} query={query} />
      <Exits answer={pages} query={query} />
    </div>
  )
}

function Percentiles({ answer, query }: { answer: Answer<ReportRow<'overview'>[]>; query: Place['query'] }) {
  return (
    <Panel
      title="Percentiles"
      about="Half of the views lasted less than the median, a tenth longer than the 90th percentile. Within 1 %."
      report={['overview', query]}
    >
      <Answered answer={answer} lines={6}>
        {([row]) => (
          <Table
            caption="Percentiles of time"
            keyOf={({ name }) => name}
            rows={
              row
                ? [
                    { name: 'View, engaged', of: row.viewEngagedMs },
                    { name: 'View, visible', of: row.viewVisibleMs },
                    { name: 'Session, engaged', of: row.sessionEngagedMs },
                    { name: 'Session, visible', of: row.sessionVisibleMs },
                    { name: 'Session, duration', of: row.sessionMs },
                  ]
                : []
            }
            columns={[
              { name: 'Time', isHeading: true, cell: ({ name }) => name },
              { name: '25 %', cell: ({ of }) => <Duration ms={of.p25} /> },
              { name: 'Median', cell: ({ of }) => <Duration ms={of.p50} /> },
              { name: '75 %', cell: ({ of }) => <Duration ms={of.p75} /> },
              { name: '90 %', cell: ({ of }) => <Duration ms={of.p90} /> },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}

function Exits({ answer, query }: { answer: Answer<ReportRow<'pages'>[]>; query: Place['query'] }) {
  const { address } = usePlace()
  return (
    <Panel
      title="Where they leave"
      wide
      about="The pages on which most sessions end."
      report={['pages', { ...query, sort: 'exits' }]}
    >
      <Answered answer={answer} lines={8}>
        {(rows) => (
          <Table
            caption="Pages on which sessions end"
            keyOf={({ path }) => path}
            isFaint={({ isSmallSample }) => isSmallSample}
            rows={rows}
            columns={[
              {
                name: 'Page',
                isHeading: true,
                cell: ({ path }) => (
                  <Link to={toView(withFilter(address, 'page', path), 'page')} title={path}>
                    {path}
                  </Link>
                ),
              },
              { name: 'Exits', cell: ({ exits }) => <Amount of={exits} /> },
              { name: 'Of all exits', isText: true, cell: ({ exitShare }) => <Bar share={exitShare} /> },
              {
                name: 'Of its sessions',
                cell: ({ exits, sessions }) => <Share of={sessions > 0 ? Math.min(1, exits / sessions) : null} />,
              },
              { name: 'Median engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs.p50} /> },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}
