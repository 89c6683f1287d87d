import type { ReportRow } from '../../src/client.ts'
import { toView, withFilter } from '../address/address.ts'
import { usePlace } from '../address/use-address.ts'
import { useReport } from '../ask/use-answer.ts'
import { NothingYet } from '../parts/empty.tsx'
import { Amount, Duration, Share } from '../parts/figures.tsx'
import { Link } from '../parts/link.tsx'
import { Panel } from '../parts/panel.tsx'
import { Portions } from '../parts/portions.tsx'
import { Answered } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { sortRows } from './pages/sort.ts'

type Row = ReportRow<'pages'>

/** The most that the report gives at once: those with most engaged time. */
const LIMIT = 1_000
const PER_PORTION = 25

/** By which columns rows are sorted. */
const SORTS: Record<string, (row: Row) => number | string> = {
  page: ({ path }) => path,
  views: ({ views }) => views.estimated,
  sessions: ({ sessions }) => sessions,
  engaged: ({ engagedMs }) => engagedMs.p50 ?? 0,
  p90: ({ engagedMs }) => engagedMs.p90 ?? 0,
  visible: ({ visibleMs }) => visibleMs.p50 ?? 0,
  ratio: ({ engagedOfVisible }) => engagedOfVisible,
  total: ({ totalEngagedMs }) => totalEngagedMs,
  entries: ({ entries }) => entries,
  exits: ({ exits }) => exits,
}

/** Every page, by whatever column. */
export function Pages() {
  const { address, query, go } = usePlace()
  const asked = { ...query, limit: String(LIMIT) }
  const answer = useReport('pages', asked)
  const pageTo = (path: string) => toView(withFilter(address, 'page', path), 'page')
  const sort = address.sort ?? '-total'

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

  if (answer.value?.length === 0 && !answer.isAsking) return <NothingYet />
  return (
    <Panel
      title="By page"
      wide
      about="Pages with fewer than 30 views are grey: their figures are anecdotes."
      report={['pages', asked]}
    >
      <Answered answer={answer} lines={20}>
        {(rows) => {
          const from = (address.portion - 1) * PER_PORTION
          const shown = sortRows(rows, sort, SORTS).slice(from, from + PER_PORTION)
          return (
            <>
              <Table
                caption="Pages"
                columns={columns}
                rows={shown}
                keyOf={({ path }) => path}
                isFaint={({ isSmallSample }) => isSmallSample}
                sort={sort}
                onSort={(next) => go({ ...address, sort: next, portion: 1 })}
              />
              <Portions
                {...{ from, shown: shown.length, all: rows.length, what: 'pages' }}
                hasMore={from + PER_PORTION < rows.length}
              />
              {rows.length === LIMIT && (
                <p class="fine">
                  These are the {LIMIT.toLocaleString('en')} pages with most engaged time; a pattern above finds others.
                </p>
              )}
            </>
          )
        }}
      </Answered>
    </Panel>
  )
}
