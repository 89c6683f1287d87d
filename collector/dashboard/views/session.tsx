import type { ReportRow } from '../../src/client.ts'
import { toView, withFilter } from '../address/address.ts'
import { usePlace } from '../address/use-address.ts'
import { useReport } from '../ask/use-answer.ts'
import { TableBelow } from '../charts/figure.tsx'
import { KINDS, type Lane, type Timeline, ticksFor, timelineOf } from '../charts/timeline.ts'
import { Duration } from '../parts/figures.tsx'
import { Link } from '../parts/link.tsx'
import { Panel } from '../parts/panel.tsx'
import { Answered } from '../parts/state.tsx'
import { sayInstant } from '../words/day.ts'
import { sayDuration } from '../words/duration.ts'

/** The inner width of the drawing; its unit is a thousandth of the session. */
const WIDTH = 1_000

/** One session as it went. */
export function Session() {
  const { address } = usePlace()
  const { site } = address.filter
  const asked = { session: address.session ?? '', ...(site !== undefined && { site }) }
  const answer = useReport('timeline', asked)
  return (
    <>
      <p class="back">
        <Link to={toView(address, 'sessions')}>All sessions</Link>
      </p>
      <Panel title="Timeline" wide report={['timeline', asked]}>
        <Answered answer={answer} lines={6}>
          {(rows) => {
            const timeline = timelineOf(rows)
            if (!timeline) {
              return <p>There is no such session here: it was deleted, or it is of another site than the one chosen.</p>
            }
            return <Drawing timeline={timeline} rows={rows} />
          }}
        </Answered>
      </Panel>
    </>
  )
}

function Drawing({ timeline, rows }: { timeline: Timeline; rows: ReportRow<'timeline'>[] }) {
  const { address } = usePlace()
  const { fromAt, toAt, lanes } = timeline
  return (
    <figure class="figure">
      <figcaption class="legend">
        <span>
          {sayInstant(fromAt, address.timezone)} to {sayInstant(toAt, address.timezone, 'time')},{' '}
          <Duration ms={toAt - fromAt} />
        </span>
        <span class="unseen">. The table below has each stretch.</span>
        {KINDS.map((kind) => (
          <span key={kind} class={`key ${kind}`}>
            {kind}
          </span>
        ))}
      </figcaption>
      <ol class="lanes">
        {lanes.map((lane) => (
          <li key={lane.viewId}>
            <span class="lane-name">
              <Link to={toView(withFilter(address, 'page', lane.path), 'page')} title={lane.path}>
                {lane.path}
              </Link>
              <span class="fine">
                <Duration ms={lane.lengths.engaged ?? 0} /> engaged of <Duration ms={lane.toAt - lane.fromAt} />
              </span>
            </span>
            <LaneBars lane={lane} />
          </li>
        ))}
        <li aria-hidden="true" class="axis">
          <span class="lane-name" />
          <Axis lengthMs={toAt - fromAt} />
        </li>
      </ol>
      <TableBelow
        caption="Stretches of the session"
        rows={rows}
        columns={[
          { name: 'From', isHeading: true, cell: (row) => sayInstant(row.fromAt, address.timezone, 'time') },
          { name: 'To', cell: (row) => sayInstant(row.toAt, address.timezone, 'time') },
          { name: 'Length', cell: (row) => <Duration ms={row.toAt - row.fromAt} /> },
          { name: 'Kind', isText: true, cell: ({ kind }) => kind },
          { name: 'Page', isText: true, cell: ({ path }) => path },
        ]}
      />
    </figure>
  )
}

const LaneBars = ({ lane }: { lane: Lane }) => (
  <svg class="lane" viewBox={`0 0 ${WIDTH} 20`} preserveAspectRatio="none" aria-hidden="true">
    <rect class="ground" width={WIDTH} height="20" />
    {lane.bars.map(({ kind, x, width, fromAt, toAt }) => (
      <rect key={`${kind}${fromAt}`} class={kind} x={x * WIDTH} width={width * WIDTH} height="20">
        <title>{`${kind}, ${sayDuration(toAt - fromAt)}`}</title>
      </rect>
    ))}
  </svg>
)

function Axis({ lengthMs }: { lengthMs: number }) {
  const percent = (ms: number) => `${lengthMs > 0 ? (ms / lengthMs) * 100 : 0}%`
  return (
    <svg class="axis-labels" width="100%" height="20" aria-hidden="true">
      {ticksFor(lengthMs).map((ms) => (
        <text
          key={ms}
          x={percent(ms)}
          y="15"
          text-anchor={ms === 0 ? 'start' : ms / lengthMs > 0.95 ? 'end' : 'middle'}
        >
          {ms === 0 ? '0' : sayDuration(ms)}
        </text>
      ))}
    </svg>
  )
}
