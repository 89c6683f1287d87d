import type { ReportRow } from '../../../src/client.ts'
import { usePlace } from '../../address/use-address.ts'
import type { Answer } from '../../ask/use-answer.ts'
import { ChartFigure } from '../../charts/figure.tsx'
import { AMOUNT_STEPS, DURATION_STEPS } from '../../charts/ticks.ts'
import { Amount, Duration } from '../../parts/figures.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Radios } from '../../parts/radios.tsx'
import { Answered } from '../../parts/state.tsx'
import { sayDay, sayWeekday } from '../../words/day.ts'
import { sayDuration } from '../../words/duration.ts'
import { sayNumber } from '../../words/number.ts'

type Row = ReportRow<'trend'>
type Point = Row['previous']

const METRICS = {
  sessions: { name: 'Sessions', of: ({ sessions }: Point) => sessions.estimated },
  views: { name: 'Views', of: ({ views }: Point) => views.estimated },
  engaged: { name: 'Engaged', of: ({ engagedMs }: Point) => engagedMs },
  visible: { name: 'Visible', of: ({ visibleMs }: Point) => visibleMs },
} as const
type Metric = keyof typeof METRICS

const CHOICES = (Object.keys(METRICS) as Metric[]).map((metric) => [metric, METRICS[metric].name] as const)

/** Day by day, beside the period before. */
export function Trend({ answer }: { answer: Answer<Row[]> }) {
  const { address, query, replace } = usePlace()
  const metric = CHOICES.find(([choice]) => choice === address.metric)?.[0] ?? 'sessions'
  const { name, of } = METRICS[metric]
  const isTime = metric === 'engaged' || metric === 'visible'

  return (
    <Panel
      title="Day by day"
      wide
      report={['trend', query]}
      aside={
        <>
          <Radios
            legend="Figure of the chart"
            choices={CHOICES}
            value={metric}
            onSet={(choice) => replace({ ...address, metric: choice })}
          />
          <label class="check">
            <input
              type="checkbox"
              checked={address.compare}
              onChange={(event) => replace({ ...address, compare: event.currentTarget.checked })}
            />
            Compare
          </label>
        </>
      }
    >
      <Answered answer={answer} lines={8}>
        {(rows) => (
          <ChartFigure
            caption={`${name} by day${isTime ? ', median' : ''}`}
            series={[
              ...(address.compare
                ? [
                    {
                      name: 'Period before',
                      values: rows.map((row) => of(row.previous)),
                      color: '--before',
                      isDashed: true,
                    },
                  ]
                : []),
              { name, values: rows.map(of), color: '--accent', kind: 'area' as const },
            ]}
            marks={rows.map(({ day }, at) => [at, sayDay(day)])}
            say={isTime ? sayDuration : sayNumber}
            steps={isTime ? DURATION_STEPS : AMOUNT_STEPS}
            placeOf={(at) => sayWeekday(rows[at]?.day ?? rows[0]!.day)}
            rows={rows}
            columns={[
              { name: 'Day', isHeading: true, cell: ({ day }) => sayWeekday(day) },
              { name: 'Sessions', cell: ({ sessions }) => <Amount of={sessions} /> },
              { name: 'Views', cell: ({ views }) => <Amount of={views} /> },
              { name: 'Median engaged', cell: ({ engagedMs }) => <Duration ms={engagedMs} /> },
              { name: 'Median visible', cell: ({ visibleMs }) => <Duration ms={visibleMs} /> },
              ...(address.compare
                ? [
                    { name: 'Day before', isText: true, cell: ({ previousDay }: Row) => sayWeekday(previousDay) },
                    { name: 'Sessions before', cell: ({ previous }: Row) => <Amount of={previous.sessions} /> },
                    { name: 'Views before', cell: ({ previous }: Row) => <Amount of={previous.views} /> },
                    { name: 'Engaged before', cell: ({ previous }: Row) => <Duration ms={previous.engagedMs} /> },
                    { name: 'Visible before', cell: ({ previous }: Row) => <Duration ms={previous.visibleMs} /> },
                  ]
                : []),
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}
