import type { ComponentChildren } from 'preact'
import { toView } from '../address/address.ts'
import { usePlace } from '../address/use-address.ts'
import { useReport } from '../ask/use-answer.ts'
import { NothingYet } from '../parts/empty.tsx'
import { Amount, Duration, Share } from '../parts/figures.tsx'
import { Link } from '../parts/link.tsx'
import { Answered } from '../parts/state.tsx'
import { Scroll, Vitals } from './page/reading.tsx'
import { Sections } from './page/sections.tsx'
import { Breaks } from './sessions/breaks.tsx'
import { Histogram, VIEW_CLOCKS } from './time/histogram.tsx'
import { Leaving, Survival } from './time/survival.tsx'

/** One page, or those of one pattern. */
export function Page() {
  const { address, query } = usePlace()
  const isOne = address.filter.page !== undefined && !address.filter.page.includes('*')
  const distribution = useReport('distribution', query)
  const reading = useReport('reading', query)
  const ofNewest = { ...query, newest: '2000' }
  const breaks = useReport('breaks', ofNewest)
  if (distribution.value?.length === 0 && !distribution.isAsking) return <NothingYet />
  return (
    <>
      {isOne ? <PageFacts /> : <ManyPages />}
      <div class="grid">
        <Survival answer={distribution} query={query} />
        <Leaving answer={distribution} />
        <Histogram
          title="Clocks"
          what="Views"
          clocks={VIEW_CLOCKS}
          answer={distribution}
          report={['distribution', query]}
        />
        <Scroll answer={reading} query={query} />
        <Vitals answer={reading} query={query} />
        <div class="stack">
          <Sections query={query} />
          <Breaks answer={breaks} query={ofNewest} about="Of the sessions of the newest 2,000 views." />
        </div>
      </div>
    </>
  )
}

function PageFacts() {
  const { query } = usePlace()
  const answer = useReport('pages', { ...query, limit: '1' })
  return (
    <Answered answer={answer} lines={2}>
      {([row]) =>
        row && (
          <dl class="facts">
            <Fact name="Views">
              <Amount of={row.views} />
            </Fact>
            <Fact name="Sessions">
              <Amount of={row.sessions} />
            </Fact>
            <Fact name="Median engaged">
              <Duration ms={row.engagedMs.p50} />
            </Fact>
            <Fact name="Median visible">
              <Duration ms={row.visibleMs.p50} />
            </Fact>
            <Fact name="90 % visible">
              <Duration ms={row.visibleMs.p90} />
            </Fact>
            <Fact name="Engaged of visible">
              <Share of={row.engagedOfVisible} />
            </Fact>
            <Fact name="Entries">
              <Amount of={row.entries} />
            </Fact>
            <Fact name="Exits">
              <Amount of={row.exits} />
            </Fact>
          </dl>
        )
      }
    </Answered>
  )
}

/** A pattern, or no page at all: each of them has its line elsewhere. */
function ManyPages() {
  const { address } = usePlace()
  return (
    <p class="back">
      Of all these pages together. <Link to={toView(address, 'pages')}>Each of them</Link>
    </p>
  )
}

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)
