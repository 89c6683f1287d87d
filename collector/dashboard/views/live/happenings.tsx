import { toView } from '../../address/address.ts'
import { usePlace } from '../../address/use-address.ts'
import type { LiveState, useLive } from '../../ask/use-live.ts'
import { Link } from '../../parts/link.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Table } from '../../parts/table.tsx'
import { sayInstant } from '../../words/day.ts'
import { sayDuration } from '../../words/duration.ts'

const WORDS = {
  'session.on_join': 'began',
  'session.on_stats': 'goes on',
  'session.on_leave': 'ended',
} as const

interface HappeningsProps {
  events: ReturnType<typeof useLive>['events']
  state: LiveState
}

/** What the stream said since the view was opened. */
export function Happenings({ events, state }: HappeningsProps) {
  const { address } = usePlace()
  return (
    <Panel title="Sessions as they begin and end" wide>
      {events.length === 0 ? (
        <p class="fine">{state.is === 'connected' ? 'Nothing happened yet.' : 'This needs the live stream.'}</p>
      ) : (
        <Table
          caption="What happened, the newest first"
          keyOf={({ id }) => id}
          rows={events.slice(0, 20)}
          columns={[
            { name: 'At', isHeading: true, cell: ({ at }) => sayInstant(at, address.timezone, 'time') },
            {
              ...{ name: 'Session', isText: true },
              cell: ({ session: { session } }) => (
                <Link to={toView(address, 'session', { session })}>{session.slice(0, 8)}</Link>
              ),
            },
            { name: 'What', isText: true, cell: ({ name }) => WORDS[name] },
            { name: 'Site', isText: true, cell: ({ session }) => session.realm },
            {
              ...{ name: 'User', isText: true },
              cell: ({ session: { authid } }) => <span class="name">{authid || 'anonymous'}</span>,
            },
            {
              ...{ name: 'Since then', isText: true },
              cell: ({ stats }) => (stats ? `${sayDuration(stats.engagedMs)} engaged` : ''),
            },
          ]}
        />
      )}
    </Panel>
  )
}
