import { usePlace } from '../address/use-address.ts'
import { fromFirst, usePortion } from '../address/use-portion.ts'
import { useReport } from '../ask/use-answer.ts'
import { Field } from '../parts/field.tsx'
import { Amount, Duration, Share } from '../parts/figures.tsx'
import { Panel } from '../parts/panel.tsx'
import { Portions } from '../parts/portions.tsx'
import { Answered } from '../parts/state.tsx'
import { Table } from '../parts/table.tsx'
import { sayInstant } from '../words/day.ts'
import { sayExactly } from '../words/duration.ts'

/** Who comes, for how long, and who comes back. */
export function Users() {
  return (
    <div class="grid">
      <Durations />
      <Retention />
      <Inactive />
    </div>
  )
}

/** The first is the usual one. */
const SORTS = ['average', 'sessions', 'engaged', 'last', 'user'] as const

/** The original's table, a portion at a time: the collector sorts, for there may be very many. */
function Durations() {
  const { address, query } = usePlace()
  const { asked, from, shownOf, hasMore, sorting } = usePortion(SORTS)
  const question = { ...query, ...asked }
  const answer = useReport('users', question)
  return (
    <Panel
      title="Average session duration"
      wide
      about="By the day that sessions started. A user is a user id, else a visitor id."
      report={['users', fromFirst(question)]}
    >
      <Answered answer={answer} lines={12}>
        {(rows) => {
          if (rows.length === 0) return <p>No session of these days has a user or visitor id.</p>
          const shown = shownOf(rows)
          return (
            <>
              <Table
                caption="Average session duration of each user"
                keyOf={({ user }) => user}
                rows={shown}
                {...sorting}
                columns={[
                  {
                    ...{ name: 'User ID', key: 'user', isHeading: true },
                    cell: ({ user }) => (
                      <span class="name" title={user}>
                        {user}
                      </span>
                    ),
                  },
                  {
                    ...{ name: 'Average Session Duration (seconds)', key: 'average' },
                    cell: ({ averageDurationMs: ms }) => (
                      <data value={ms / 1000} title={sayExactly(ms)}>
                        {(ms / 1000).toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })}
                      </data>
                    ),
                  },
                  { name: 'Sessions', key: 'sessions', cell: ({ sessions }) => <Amount of={sessions} /> },
                  { name: 'Engaged in all', key: 'engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs} /> },
                  {
                    ...{ name: 'Last active', key: 'last' },
                    cell: ({ lastActivityAt }) => sayInstant(lastActivityAt, address.timezone),
                  },
                ]}
              />
              <Portions {...{ from, shown: shown.length, what: 'users' }} hasMore={hasMore(rows)} />
            </>
          )
        }}
      </Answered>
    </Panel>
  )
}

function Retention() {
  const { query } = usePlace()
  const answer = useReport('retention', query)
  return (
    <Panel
      title="Retention by length of the first session"
      about="Whether those who were engaged longer the first time come back more."
      report={['retention', query]}
    >
      <Answered answer={answer}>
        {(rows) =>
          rows.length === 0 ? (
            <p>Nobody was here for the first time.</p>
          ) : (
            <Table
              caption="Visitors back by engaged time of their first session"
              keyOf={({ firstSession }) => firstSession}
              rows={rows}
              isFaint={({ isSmallSample }) => isSmallSample}
              columns={[
                { name: 'First session engaged', isHeading: true, cell: ({ firstSession }) => firstSession },
                { name: 'Visitors', cell: ({ visitors }) => <Amount of={visitors} /> },
                { name: 'Within 1 day', cell: ({ within1Day }) => <Share of={within1Day} /> },
                { name: '7 days', cell: ({ within7Days }) => <Share of={within7Days} /> },
                { name: '30 days', cell: ({ within30Days }) => <Share of={within30Days} /> },
              ]}
            />
          )
        }
      </Answered>
    </Panel>
  )
}

const ABSENCES = ['3', '7', '14', '30', '60']

function Inactive() {
  const { address, query, replace } = usePlace()
  const days = ABSENCES.find((each) => each === address.metric) ?? '14'
  const asked = { ...query, days, limit: '15' }
  const answer = useReport('inactive-users', asked)
  return (
    <Panel
      title="Inactive users"
      about="Were here in these days, and not since."
      report={['inactive-users', { ...asked, limit: '1000' }]}
      aside={
        <Field label="Absent for">
          {(id) => (
            <select
              id={id}
              value={days}
              onChange={(event) => replace({ ...address, metric: event.currentTarget.value })}
            >
              {ABSENCES.map((each) => (
                <option key={each} value={each}>
                  {each} days
                </option>
              ))}
            </select>
          )}
        </Field>
      }
    >
      <Answered answer={answer}>
        {(rows) =>
          rows.length === 0 ? (
            <p>Nobody has been away for so long.</p>
          ) : (
            <Table
              caption="Inactive users, those away longest first"
              keyOf={({ user }) => user}
              rows={rows}
              columns={[
                { name: 'User ID', isHeading: true, cell: ({ user }) => <span class="name">{user}</span> },
                {
                  name: 'Last active',
                  cell: ({ lastActivityAt }) => sayInstant(lastActivityAt, address.timezone, 'date'),
                },
                { name: 'Days', cell: ({ inactiveDays }) => <Amount of={inactiveDays} /> },
                { name: 'Sessions', cell: ({ sessions }) => <Amount of={sessions} /> },
                { name: 'Engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs} /> },
              ]}
            />
          )
        }
      </Answered>
    </Panel>
  )
}
