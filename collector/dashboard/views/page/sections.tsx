import type { Place } from '../../address/use-address.ts'
import { useReport } from '../../ask/use-answer.ts'
import { Amount, Duration } from '../../parts/figures.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Answered } from '../../parts/state.tsx'
import { Table } from '../../parts/table.tsx'
import { sectionsOf } from './sum-sections.ts'

const LIMIT = 10_000

/** Timers and sections inside the page. */
export function Sections({ query }: { query: Place['query'] }) {
  const asked = { ...query, limit: String(LIMIT) }
  const answer = useReport('timers', asked)
  return (
    <Panel title="Sections and timers" report={['timers', asked]}>
      <Answered answer={answer}>
        {(rows) => {
          const sections = sectionsOf(rows)
          if (sections.length === 0) {
            return (
              <p class="fine">
                No view has any. Mark a part of the page with <code>data-dwell="pricing"</code>, or run{' '}
                <code>dwelltime.timer('lesson-1')</code>.
              </p>
            )
          }
          return (
            <>
              <Table
                caption="Sections and timers"
                keyOf={({ name }) => name}
                rows={sections.slice(0, 50)}
                columns={[
                  { name: 'Name', isHeading: true, cell: ({ name }) => name },
                  { name: 'Views', cell: ({ views }) => <Amount of={views} /> },
                  { name: 'Users', cell: ({ users }) => <Amount of={users} /> },
                  { name: 'Engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs} /> },
                  { name: 'Visible', cell: ({ visibleMs }) => <Duration ms={visibleMs} /> },
                  { name: 'Engaged a view', cell: ({ engagedMs, views }) => <Duration ms={engagedMs / views} /> },
                ]}
              />
              {rows.length === LIMIT && <p class="fine">Of the first {LIMIT.toLocaleString('en')} users and days.</p>}
            </>
          )
        }}
      </Answered>
    </Panel>
  )
}
