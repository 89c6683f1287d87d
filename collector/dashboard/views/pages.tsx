import type { ReportRow } from '../../src/client.ts'
import { toView, withFilter } from '../address/address.ts'
import { usePlace } from '../address/use-address.ts'
import { fromFirst, usePortion } from '../address/use-portion.ts'
import { useReport } from '../ask/use-answer.ts'
import { NothingYet } from '../parts/empty.tsx'
import { Amount, Duration, Share } from '../parts/figures.tsx'
import { Link } from '../parts/link.tsx'
import { Panel } from '../parts/panel.tsx'
import { Portions } from '../parts/portions.tsx'
import { Answered } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'

type Row = ReportRow<'pages'>

/** The first is the usual one. */
const SORTS = ['total', 'page', 'views', 'sessions', 'engaged', 'p90', 'visible', 'ratio', 'entries', 'exits'] as const

/** Every page, by whatever column, a portion at a time: the collector sorts, for there may be very many. */
export function Pages() {
  const { address, query } = usePlace()
  const { asked, from, shownOf, hasMore, sorting } = usePortion(SORTS)
  const question = { ...query, ...asked }
  const answer = useReport('pages', question)
  const pageTo = (path: string) => toView(withFilter(address, 'page', path), 'page')

  const columns: Column<Row>[] = [
    {
      ...{ name: 'Page', key: 'page', isHeading: true },
      cell: ({ path }) => (
        <Link to={pageTo(path)} title={path}>
          {path}
        </Link>
      ),
    },
    { name: 'Views', key: 'views', cell: ({ views }) => <Amount of={views} /> },
    { name: 'Sessions', key: 'sessions', cell: ({ sessions }) => <Amount of={sessions} /> },
    { name: 'Median engaged', key: 'engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs.p50} /> },
    { name: '90 % engaged', key: 'p90', cell: ({ engagedMs }) => <Duration ms={engagedMs.p90} /> },
    { name: 'Median visible', key: 'visible', cell: ({ visibleMs }) => <Duration ms={visibleMs.p50} /> },
    { name: 'Engaged of visible', key: 'ratio', cell: ({ engagedOfVisible }) => <Share of={engagedOfVisible} /> },
    { name: 'Engaged in all', key: 'total', cell: ({ totalEngagedMs }) => <Duration ms={totalEngagedMs} /> },
    { name: 'Entries', key: 'entries', cell: ({ entries }) => <Amount of={entries} /> },
    { name: 'Exits', key: 'exits', cell: ({ exits }) => <Amount of={exits} /> },
    {
      ...{ name: 'Most go on to', isText: true },
      cell: ({ next }) => next !== null && <Link to={pageTo(next)}>{next}</Link>,
    },
  ]

  if (answer.value?.length === 0 && !answer.isAsking && from === 0) return <NothingYet />
  return (
    <Panel
      title="By page"
      wide
      about="Pages with fewer than 30 views are grey: their figures are anecdotes."
      report={['pages', fromFirst(question)]}
    >
      <Answered answer={answer} lines={20}>
        {(rows) => {
          const shown = shownOf(rows)
          return (
            <>
              <Table
                caption="Pages"
                columns={columns}
                rows={shown}
                keyOf={({ path }) => path}
                isFaint={({ isSmallSample }) => isSmallSample}
                {...sorting}
              />
              <Portions {...{ from, shown: shown.length, what: 'pages' }} hasMore={hasMore(rows)} />
            </>
          )
        }}
      </Answered>
    </Panel>
  )
}
