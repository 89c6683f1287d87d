import { toView, withFilter } from '../../address/address.ts'
import { usePlace } from '../../address/use-address.ts'
import { usePolled } from '../../ask/use-polled.ts'
import { Amount } from '../../parts/figures.tsx'
import { Link } from '../../parts/link.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Answered } from '../../parts/state.tsx'
import { Table } from '../../parts/table.tsx'

const EVERY_MS = 30_000

/** Who is here now, and where. */
export function HereNow() {
  const { address } = usePlace()
  const answer = usePolled('now', address.filter, { everyMs: EVERY_MS })
  return (
    <Panel
      title="Here now"
      about="Sessions with a page on screen, heard of within two heartbeats."
      aside={<Link to={toView(address, 'live')}>Live</Link>}
    >
      <Answered answer={answer} lines={5}>
        {([all, ...pages]) => {
          const here = pages.filter(({ sessions }) => sessions > 0).slice(0, 5)
          return (
            <>
              <p class="big">
                <Amount of={all?.sessions ?? 0} />
              </p>
              {here.length > 0 && (
                <Table
                  caption="Pages with somebody here now"
                  keyOf={({ path }) => path ?? ''}
                  rows={here}
                  columns={[
                    {
                      ...{ name: 'Page', isHeading: true },
                      cell: ({ path }) => (
                        <Link to={toView(withFilter(address, 'page', path ?? ''), 'page')}>{path}</Link>
                      ),
                    },
                    { name: 'Here now', cell: ({ sessions }) => <Amount of={sessions} /> },
                  ]}
                />
              )}
            </>
          )
        }}
      </Answered>
    </Panel>
  )
}
