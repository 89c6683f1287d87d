import type { Place } from '../../address/use-address.ts'
import type { Answer } from '../../ask/use-answer.ts'
import { Bar } from '../../charts/bar.tsx'
import { leavingOf, marksOf, sayStretch, survivalOf, type ViewRow } from '../../charts/distribution.ts'
import { ChartFigure } from '../../charts/figure.tsx'
import { SHARE_STEPS } from '../../charts/ticks.ts'
import { Duration, Share } from '../../parts/figures.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Answered } from '../../parts/state.tsx'
import { Table } from '../../parts/table.tsx'
import { sayDuration } from '../../words/duration.ts'
import { sayRoundShare } from '../../words/number.ts'

interface Props {
  answer: Answer<ViewRow[]>
  query: Place['query']
}

const CLOCKS = ['visible', 'engaged'] as const

/** The share of readers still there after so long. */
export function Survival({ answer, query }: Props) {
  return (
    <Panel
      title="Still there after"
      about="The share of views that lasted at least so long, on a scale on which every step multiplies."
      report={['distribution', query]}
    >
      <Answered answer={answer} lines={8}>
        {(rows) => {
          const points = survivalOf(rows, CLOCKS)
          return (
            <ChartFigure
              caption="Share of views still there, by time"
              series={[
                { name: 'Visible', values: points.map(({ visible }) => visible), color: '--visible' },
                { name: 'Engaged', values: points.map(({ engaged }) => engaged), color: '--engaged', kind: 'area' },
              ]}
              marks={marksOf(points.map(({ ms }) => ms))}
              say={sayRoundShare}
              steps={SHARE_STEPS}
              top={1}
              placeOf={(at) => `after ${sayDuration(points[at]?.ms ?? 0)}`}
              rows={points}
              columns={[
                { name: 'After', isHeading: true, cell: ({ ms }) => <Duration ms={ms} /> },
                { name: 'Visible', cell: ({ visible }) => <Share of={visible} /> },
                { name: 'Engaged', cell: ({ engaged }) => <Share of={engaged} /> },
              ]}
            />
          )
        }}
      </Answered>
    </Panel>
  )
}

/** In which stretch of time views end. */
export function Leaving({ answer }: Pick<Props, 'answer'>) {
  return (
    <Panel
      title="When they leave"
      about="By visible time: the share of all views that end in a stretch, and of those that had got that far."
    >
      <Answered answer={answer} lines={8}>
        {(rows) => (
          <Table
            caption="When views end, by visible time"
            keyOf={({ fromMs }) => fromMs}
            rows={leavingOf(rows, 'visible')}
            columns={[
              { name: 'After', isHeading: true, cell: sayStretch },
              { name: 'Of all', cell: ({ ofAll }) => <Share of={ofAll} /> },
              { name: '', isText: true, cell: ({ ofAll }) => <Bar share={ofAll} color="visible" /> },
              { name: 'Of those still there', cell: ({ ofThose }) => <Share of={ofThose} /> },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}
