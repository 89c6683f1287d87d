import type { ReportRow } from '../../src/client.ts'
import { toView, withFilter } from '../address/address.ts'
import { usePlace } from '../address/use-address.ts'
import { type LiveState, useLive } from '../ask/use-live.ts'
import { usePolled } from '../ask/use-polled.ts'
import { ChartFigure } from '../charts/figure.tsx'
import { Sparkline } from '../charts/sparkline.tsx'
import { AMOUNT_STEPS } from '../charts/ticks.ts'
import { Amount } from '../parts/figures.tsx'
import { Link } from '../parts/link.tsx'
import { Panel } from '../parts/panel.tsx'
import { Portions } from '../parts/portions.tsx'
import { Answered } from '../parts/state.tsx'
import { Table } from '../parts/table.tsx'
import { sayNumber } from '../words/number.ts'
import { Happenings } from './live/happenings.tsx'

type Row = ReportRow<'now'>

/** With events there is no hurry; without them asking is all there is. */
const EVERY_MS = { connected: 15_000, without: 5_000 }

const PER_PORTION = 25

/** Who is here now, renewed as sessions begin and end. */
export function Live() {
  const { address } = usePlace()
  const { state, events, pulse } = useLive(address.filter.site)
  const everyMs = state.is === 'connected' ? EVERY_MS.connected : EVERY_MS.without
  const answer = usePolled('now', address.filter, { everyMs, pulse })

  return (
    <>
      <p class={`stream ${state.is}`} role="status">
        {sayState(state)}
      </p>
      <Answered answer={answer} lines={12}>
        {([all, ...pages]) => (
          <div class="grid narrow-first">
            <Panel title="Here now" about="Sessions with a page on screen, heard of within two heartbeats.">
              <p class="big" data-testid="here-now">
                <Amount of={all?.sessions ?? 0} />
              </p>
            </Panel>
            <HalfHour all={all} />
            <ByPage pages={pages} />
          </div>
        )}
      </Answered>
      <Happenings events={events} state={state} />
    </>
  )
}

function sayState(state: LiveState): string {
  if (state.is === 'connected') return 'Live: renewed as sessions begin and end.'
  if (state.is === 'connecting') return 'Connecting …'
  const reason = state.reason.replace(/\{"\w+":"(.*)"\}/, '$1') // the collector's own words, without their JSON
  return `No live stream (${reason}): asking every ${EVERY_MS.without / 1_000} s instead.`
}

const minutesAgo = (at: number, length: number) => length - 1 - at
const sayMinute = (ago: number) => (ago === 0 ? 'this minute' : `${ago} min ago`)

function HalfHour({ all }: { all: Row | undefined }) {
  const minutes = all?.perMinute ?? []
  return (
    <Panel title="Last 30 minutes" about="Views begun in each minute.">
      <ChartFigure
        caption="Views begun in each of the last 30 minutes"
        height={180}
        series={[{ name: 'Views', values: minutes, color: '--accent', kind: 'bars' }]}
        marks={minutes.flatMap((_, at): [number, string][] => {
          const ago = minutesAgo(at, minutes.length)
          return ago % 5 === 0 ? [[at, ago === 0 ? 'now' : `−${ago} m`]] : []
        })}
        say={sayNumber}
        steps={AMOUNT_STEPS}
        placeOf={(at) => sayMinute(minutesAgo(at, minutes.length))}
        rows={minutes.map((views, at) => ({ views, ago: minutesAgo(at, minutes.length) })).reverse()}
        columns={[
          { name: 'Minute', isHeading: true, cell: ({ ago }) => sayMinute(ago) },
          { name: 'Views', cell: ({ views }) => <Amount of={views} /> },
        ]}
      />
    </Panel>
  )
}

function ByPage({ pages }: { pages: readonly Row[] }) {
  const { address } = usePlace()
  const from = (address.portion - 1) * PER_PORTION
  const shown = pages.slice(from, from + PER_PORTION)
  return (
    <Panel title="By page" wide>
      {pages.length === 0 ? (
        <p>
          Nobody was here in the last 30 minutes. Open the <a href="/demo/">demo</a> in another window to see this move.
        </p>
      ) : (
        <>
          <Table
            caption="Who is here, by page"
            keyOf={({ path }) => path ?? ''}
            rows={shown}
            columns={[
              {
                ...{ name: 'Page', isHeading: true },
                cell: ({ path, title }) => (
                  <>
                    <Link to={toView(withFilter(address, 'page', path ?? ''), 'page')} title={path ?? ''}>
                      {path}
                    </Link>
                    {title && <span class="fine"> {title}</span>}
                  </>
                ),
              },
              { name: 'Here now', cell: ({ sessions }) => <Amount of={sessions} /> },
              {
                name: 'Views in 30 min',
                cell: ({ perMinute }) => <Amount of={perMinute.reduce((sum, views) => sum + views, 0)} />,
              },
              { name: 'Minute by minute', isText: true, cell: ({ perMinute }) => <Sparkline values={perMinute} /> },
            ]}
          />
          <Portions
            {...{ from, shown: shown.length, all: pages.length, what: 'pages' }}
            hasMore={from + PER_PORTION < pages.length}
          />
        </>
      )}
    </Panel>
  )
}
