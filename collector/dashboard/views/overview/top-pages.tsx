import { toView, withFilter } from '../../address/address.ts'
import { usePlace } from '../../address/use-address.ts'
import { useReport } from '../../ask/use-answer.ts'
import { Bar } from '../../charts/bar.tsx'
import { Amount, Duration } from '../../parts/figures.tsx'
import { Link } from '../../parts/link.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Answered } from '../../parts/state.tsx'
import { Table } from '../../parts/table.tsx'

/** Where attention goes. */
export function TopPages() {
  const { address, query } = usePlace()
  const asked = { ...query, limit: '8' }
  const answer = useReport('pages', asked)
  return (
    <Panel
      title="Where attention goes"
      about="Pages by the time that all their readers together were engaged."
      report={['pages', asked]}
      aside={<Link to={toView(address, 'pages')}>All pages</Link>}
    >
      <Answered answer={answer} lines={8}>
        {(rows) => (
          <Table
            caption="Pages with most engaged time"
            keyOf={({ path }) => path}
            rows={rows}
            isFaint={({ isSmallSample }) => isSmallSample}
            columns={[
              {
                ...{ name: 'Page', isHeading: true },
                cell: ({ path }) => (
                  <Link to={toView(withFilter(address, 'page', path), 'page')} title={path}>
                    {path}
                  </Link>
                ),
              },
              { name: 'Views', cell: ({ views }) => <Amount of={views} /> },
              { name: 'Median engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs.p50} /> },
              { name: 'In all', cell: ({ totalEngagedMs }) => <Duration ms={totalEngagedMs} /> },
              {
                ...{ name: '', isText: true },
                cell: ({ totalEngagedMs }) => <Bar share={totalEngagedMs / Math.max(1, rows[0]!.totalEngagedMs)} />,
              },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}
