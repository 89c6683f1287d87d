import { usePlace } from '../address/use-address.ts'
import { useReport } from '../ask/use-answer.ts'
import { Bar } from '../charts/bar.tsx'
import { Amount, Share } from '../parts/figures.tsx'
import { Panel } from '../parts/panel.tsx'
import { Answered } from '../parts/state.tsx'
import { Table } from '../parts/table.tsx'
import { type Fact, groupsOf } from './quality/groups.ts'

/** How far the figures can be trusted. */
export function Quality() {
  const { query } = usePlace()
  const answer = useReport('data-quality', query)
  const report = ['data-quality', query] as const
  return (
    <Answered answer={answer} lines={16}>
      {(rows) => {
        const { groups, refused, others } = groupsOf(rows)
        return (
          <div class="grid">
            {groups.map(({ title, about, facts }) => (
              <Panel key={title} title={title} about={about} report={report}>
                <Facts caption={title} facts={facts} />
              </Panel>
            ))}
            <Panel
              title="Rejected, by reason"
              about="Of everything that was posted. What cannot be true is set aside for 7 days."
              report={report}
            >
              {refused.length === 0 ? <p>Nothing was rejected.</p> : <Facts caption="Rejected" facts={refused} />}
            </Panel>
            {others.length > 0 && (
              <Panel title="More" report={report}>
                <Facts
                  caption="More facts"
                  facts={others.map(({ fact, amount }) => ({
                    fact,
                    name: fact.replaceAll('_', ' '),
                    amount,
                    share: null,
                  }))}
                />
              </Panel>
            )}
          </div>
        )
      }}
    </Answered>
  )
}

const Facts = ({ caption, facts }: { caption: string; facts: readonly Fact[] }) => (
  <Table
    caption={caption}
    keyOf={({ fact }) => fact}
    rows={facts}
    columns={[
      { name: 'Fact', isHeading: true, cell: ({ name, fact }) => <span title={fact}>{name}</span> },
      { name: 'Amount', cell: ({ amount }) => <Amount of={amount} /> },
      { name: 'Share', cell: ({ share }) => share !== null && <Share of={share} /> },
      { name: '', isText: true, cell: ({ share }) => share !== null && <Bar share={share} /> },
    ]}
  />
)
