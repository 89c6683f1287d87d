import type { ReportRow } from '../../src/client.ts'
import { usePlace } from '../address/use-address.ts'
import { useReport } from '../ask/use-answer.ts'
import { NothingYet } from '../parts/empty.tsx'
import { Amount, Duration } from '../parts/figures.tsx'
import { KeyFigure } from '../parts/key-figure.tsx'
import { Answered } from '../parts/state.tsx'
import { sayDuration } from '../words/duration.ts'
import { sayNumber } from '../words/number.ts'
import { HereNow } from './overview/here-now.tsx'
import { TopPages } from './overview/top-pages.tsx'
import { Trend } from './overview/trend.tsx'

/** The few numbers to begin with, beside those of the period before. */
export function Overview() {
  const { address, query, previousQuery } = usePlace()
  const overview = useReport('overview', query)
  const before = useReport('overview', address.compare ? previousQuery : undefined)
  const trend = useReport('trend', query)
  const isEmpty = overview.value?.[0]?.views.sampled === 0 && overview.value[0].sessions.sampled === 0

  return (
    <>
      <Answered answer={overview} lines={3}>
        {([row]) => (
          <KeyFigures row={row!} before={address.compare ? before.value?.[0] : undefined} days={trend.value} />
        )}
      </Answered>
      {isEmpty ? (
        <NothingYet />
      ) : (
        <>
          <Trend answer={trend} />
          <div class="grid narrow-last">
            <TopPages />
            <HereNow />
          </div>
        </>
      )}
    </>
  )
}

interface KeyFiguresProps {
  row: ReportRow<'overview'>
  before: ReportRow<'overview'> | undefined
  days: ReportRow<'trend'>[] | undefined
}

function KeyFigures({ row, before, days }: KeyFiguresProps) {
  const { address } = usePlace()
  const trendOf = (value: (point: ReportRow<'trend'>['previous']) => number | null) =>
    days && {
      values: days.map((day) => value(day) ?? 0),
      before: address.compare ? days.map((day) => value(day.previous) ?? 0) : undefined,
    }
  return (
    <ul class="key-figures" aria-label="Key figures">
      <KeyFigure
        name="Sessions"
        value={row.sessions.estimated}
        before={before?.sessions.estimated}
        say={sayNumber}
        trend={trendOf(({ sessions }) => sessions.estimated)}
      >
        <Amount of={row.sessions} />
      </KeyFigure>
      <KeyFigure
        name="Views"
        value={row.views.estimated}
        before={before?.views.estimated}
        say={sayNumber}
        trend={trendOf(({ views }) => views.estimated)}
      >
        <Amount of={row.views} />
      </KeyFigure>
      <KeyFigure
        name="Median engaged time"
        value={row.viewEngagedMs.p50}
        before={before?.viewEngagedMs.p50}
        say={sayDuration}
        trend={trendOf(({ engagedMs }) => engagedMs)}
      >
        <Duration ms={row.viewEngagedMs.p50} />
      </KeyFigure>
      <KeyFigure
        name="Median visible time"
        value={row.viewVisibleMs.p50}
        before={before?.viewVisibleMs.p50}
        say={sayDuration}
        trend={trendOf(({ visibleMs }) => visibleMs)}
      >
        <Duration ms={row.viewVisibleMs.p50} />
      </KeyFigure>
    </ul>
  )
}
