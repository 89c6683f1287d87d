import { toView } from '../../address/address.ts'
import { usePlace } from '../../address/use-address.ts'
import { useAnswer } from '../../ask/use-answer.ts'
import { Amount, Duration } from '../../parts/figures.tsx'
import { Link } from '../../parts/link.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Portions } from '../../parts/portions.tsx'
import { Answered } from '../../parts/state.tsx'
import { Table } from '../../parts/table.tsx'
import { sayInstant } from '../../words/day.ts'
import { sayEnd } from '../../words/ends.ts'

const LIMIT = 100
const PER_PORTION = 15

/** The newest sessions of the site, each with its timeline. */
export function Newest() {
  const { address } = usePlace()
  const { site } = address.filter
  const answer = useAnswer(`sessions ${site}`, (client) => client.sessions({ site, limit: String(LIMIT) }))
  return (
    <Panel
      title="Newest sessions"
      wide
      about="Of the site, whatever the days and other filters. Each has its timeline."
    >
      <Answered answer={answer} lines={10}>
        {({ sessions }) => {
          const from = (address.portion - 1) * PER_PORTION
          const shown = sessions.slice(from, from + PER_PORTION)
          return (
            <>
              <Table
                caption="Newest sessions"
                keyOf={({ sessionId }) => sessionId}
                rows={shown}
                columns={[
                  {
                    ...{ name: 'Started', isHeading: true },
                    cell: ({ sessionId, startedAt }) => (
                      <Link to={toView(address, 'session', { session: sessionId })}>
                        {sayInstant(startedAt, address.timezone)}
                      </Link>
                    ),
                  },
                  { name: 'Site', isText: true, cell: (session) => session.site },
                  {
                    ...{ name: 'User', isText: true },
                    cell: ({ userId, visitorId }) => <span class="name">{userId ?? visitorId ?? 'anonymous'}</span>,
                  },
                  {
                    ...{ name: 'First page', isText: true },
                    cell: ({ views: [first] }) =>
                      first && (
                        <span class="name" title={first.path}>
                          {first.title || first.path}
                        </span>
                      ),
                  },
                  { name: 'Views', cell: ({ views }) => <Amount of={views.length} /> },
                  { name: 'Duration', cell: ({ durationMs }) => <Duration ms={durationMs} /> },
                  { name: 'Visible', cell: ({ visibleMs }) => <Duration ms={visibleMs} /> },
                  { name: 'Engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs} /> },
                  { name: 'End', isText: true, cell: ({ endReason }) => sayEnd(endReason ?? 'open') },
                ]}
              />
              <Portions
                {...{ from, shown: shown.length, all: sessions.length, what: 'sessions' }}
                hasMore={from + PER_PORTION < sessions.length}
              />
            </>
          )
        }}
      </Answered>
    </Panel>
  )
}
