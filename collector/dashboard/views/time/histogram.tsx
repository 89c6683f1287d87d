import type { ReportName, ReportQuery } from '../../../src/client.ts'
import type { Answer } from '../../ask/use-answer.ts'
import { barsOf, marksOf, type Row, sayStretch } from '../../charts/distribution.ts'
import { ChartFigure } from '../../charts/figure.tsx'
import { AMOUNT_STEPS } from '../../charts/ticks.ts'
import { Amount } from '../../parts/figures.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Answered } from '../../parts/state.tsx'
import { sayNumber } from '../../words/number.ts'

interface Clock<Name extends string> {
  key: Name
  name: string
  color: string
}

interface HistogramProps<Name extends string, Report extends ReportName> {
  title: string
  /** What is counted: `Views`. */
  what: string
  clocks: readonly Clock<Name>[]
  answer: Answer<Row<Name>[]>
  report: readonly [Report, ReportQuery<Report>]
}

/** How many lasted how long, in bars on a log scale; the last clock as bars, the others as lines. */
export function Histogram<Name extends string, Report extends ReportName>(props: HistogramProps<Name, Report>) {
  const { title, what, clocks, answer, report } = props
  return (
    <Panel
      title={title}
      about={`${what} by how long they lasted. Each bar is a fifth longer than the one before.`}
      report={report}
    >
      <Answered answer={answer} lines={8}>
        {(rows) => {
          const bars = barsOf(
            rows,
            clocks.map(({ key }) => key),
          )
          return (
            <ChartFigure
              caption={`${what} by length`}
              series={clocks.map(({ key, name, color }, at) => ({
                ...{ name, color, values: bars.map((bar) => bar[key]) },
                kind: at === clocks.length - 1 ? ('bars' as const) : ('line' as const),
              }))}
              marks={marksOf(bars.map(({ fromMs }) => fromMs))}
              say={sayNumber}
              steps={AMOUNT_STEPS}
              placeOf={(at) => (bars[at] ? sayStretch(bars[at]) : '')}
              rows={bars}
              columns={[
                { name: 'Length', isHeading: true, cell: sayStretch },
                ...clocks.map(({ key, name }) => ({ name, cell: (bar: (typeof bars)[0]) => <Amount of={bar[key]} /> })),
              ]}
            />
          )
        }}
      </Answered>
    </Panel>
  )
}

export const VIEW_CLOCKS = [
  { key: 'visible', name: 'Visible', color: '--visible' },
  { key: 'engaged', name: 'Engaged', color: '--engaged' },
] as const
