import type { ReportRow } from '../../../src/client.ts'
import type { Place } from '../../address/use-address.ts'
import type { Answer } from '../../ask/use-answer.ts'
import { Bar } from '../../charts/bar.tsx'
import { Amount, Duration, Share } from '../../parts/figures.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Answered } from '../../parts/state.tsx'
import { Table } from '../../parts/table.tsx'
import { sayExactly } from '../../words/duration.ts'

type Row = ReportRow<'reading'>

interface Props {
  answer: Answer<Row[]>
  query: Place['query']
}

const NEWEST = 'Of the newest 2,000 views.'

/** How far down people came. */
export function Scroll({ answer, query }: Props) {
  return (
    <Panel title="Scroll depth" about={NEWEST} report={['reading', query]}>
      <Answered answer={answer}>
        {(all) => {
          const rows = all.filter(({ measure }) => measure === 'scroll')
          if (rows.length === 0) {
            return (
              <p class="fine">
                No view told how far it was scrolled. That comes with <code>dwelltime.full.js</code> or{' '}
                <code>dwelltime/sections</code>.
              </p>
            )
          }
          return (
            <Table
              caption="Scroll depth"
              keyOf={({ band }) => band}
              rows={rows}
              columns={[
                { name: 'Furthest', isHeading: true, cell: ({ band }) => band },
                { name: 'Views', cell: ({ views }) => <Amount of={views} /> },
                { name: 'Share', cell: ({ share }) => <Share of={share} /> },
                { name: '', isText: true, cell: ({ share }) => <Bar share={share} /> },
                { name: 'Median engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs} /> },
              ]}
            />
          )
        }}
      </Answered>
    </Panel>
  )
}

const NAMES: Record<string, string> = {
  lcp: 'Largest Contentful Paint',
  inp: 'Interaction to Next Paint',
  cls: 'Cumulative Layout Shift',
  fcp: 'First Contentful Paint',
  ttfb: 'Time to First Byte',
}

/** Whether who waits longer stays less. */
export function Vitals({ answer, query }: Props) {
  return (
    <Panel title="Web vitals against engagement" about={NEWEST} report={['reading', query]}>
      <Answered answer={answer}>
        {(all) => {
          const rows = all.filter(({ measure }) => measure !== 'scroll')
          if (rows.length === 0) {
            return (
              <p class="fine">
                No view has vitals. They come with <code>dwelltime.full.js</code> or <code>dwelltime/vitals</code>.
              </p>
            )
          }
          return (
            <Table
              caption="Web vitals against engagement"
              keyOf={({ measure, band }) => measure + band}
              rows={rows}
              columns={[
                {
                  ...{ name: 'Vital', isHeading: true },
                  cell: ({ measure, band }) => (
                    <>
                      <abbr title={NAMES[measure]}>{measure.toUpperCase()}</abbr> <Rating band={band} />
                    </>
                  ),
                },
                {
                  name: 'Median',
                  cell: ({ measure, value }) =>
                    measure === 'cls' ? (
                      <data value={value}>{value.toFixed(2)}</data>
                    ) : (
                      <data value={value}>{sayExactly(value)}</data>
                    ),
                },
                { name: 'Views', cell: ({ views }) => <Amount of={views} /> },
                { name: 'Share', cell: ({ share }) => <Share of={share} /> },
                { name: 'Median engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs} /> },
              ]}
            />
          )
        }}
      </Answered>
    </Panel>
  )
}

const Rating = ({ band }: { band: string }) => <span class={`rating ${band}`}>{band}</span>
