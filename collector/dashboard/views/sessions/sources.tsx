import { toView, withFilter } from '../../address/address.ts'
import { usePlace } from '../../address/use-address.ts'
import { useReport } from '../../ask/use-answer.ts'
import { Amount, Duration, Share } from '../../parts/figures.tsx'
import { Link } from '../../parts/link.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Radios } from '../../parts/radios.tsx'
import { Answered } from '../../parts/state.tsx'
import { Table } from '../../parts/table.tsx'

const CHOICES = [
  ['campaign', 'Campaigns'],
  ['referrer', 'Referrers'],
] as const

/** What campaigns and referrers bring. */
export function Sources() {
  const { address, query, replace } = usePlace()
  const by = address.metric === 'referrer' ? ('referrer' as const) : ('campaign' as const)
  const asked = { ...query, by, limit: '12' }
  const answer = useReport('campaigns', asked)
  return (
    <Panel
      title="Where sessions come from"
      about="A quick exit is a session visible for less than 10 s."
      report={['campaigns', asked]}
      aside={
        <Radios
          legend="Campaigns or referrers"
          choices={CHOICES}
          value={by}
          onSet={(metric) => replace({ ...address, metric })}
        />
      }
    >
      <Answered answer={answer}>
        {(rows) => (
          <Table
            caption={`Sessions by ${by}`}
            keyOf={({ name }) => name}
            rows={rows}
            isFaint={({ isSmallSample }) => isSmallSample}
            columns={[
              {
                ...{ name: by === 'campaign' ? 'Campaign' : 'Referrer', isHeading: true },
                cell: ({ name }) =>
                  name ? (
                    <Link to={withFilter(toView(address, 'sessions'), by, name)}>{name}</Link>
                  ) : (
                    <span class="none">none</span>
                  ),
              },
              { name: 'Sessions', cell: ({ sessions }) => <Amount of={sessions} /> },
              { name: 'Median engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs.p50} /> },
              { name: '75 % engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs.p75} /> },
              { name: 'Quick exits', cell: ({ quickExits }) => <Share of={quickExits} /> },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}
