import { useEffect, useRef } from 'preact/hooks'
import { toView } from './address/address.ts'
import { type Place, PlaceProvider, useNewPlace } from './address/use-address.ts'
import { type Reading, ReadingProvider, useNewReading } from './ask/reading.ts'
import { FilterBar } from './parts/filter-bar.tsx'
import { Link } from './parts/link.tsx'
import { TokenForm } from './parts/token-form.tsx'
import { MENU, VIEWS } from './views/views.ts'

export function App() {
  const reading = useNewReading()
  const place = useNewPlace(reading.round)
  return (
    <ReadingProvider value={reading}>
      <PlaceProvider value={place}>
        <Page reading={reading} place={place} />
      </PlaceProvider>
    </ReadingProvider>
  )
}

function Page({ reading: { refusal, token, setToken }, place }: { reading: Reading; place: Place }) {
  const { address } = place
  const { title, filters, hasDays, menu, Content } = VIEWS[address.view]
  const heading = useRef<HTMLHeadingElement>(null)
  const name = title(place)

  useEffect(() => {
    document.title = `${name} · dwelltime`
  }, [name])
  useFocusAfterFirst(heading, `${address.view} ${address.session ?? ''}`)

  return (
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <header class="top">
        <Link class="brand" to={toView(address, 'overview')}>
          <img src="/dashboard/icon.svg" alt="" width="24" height="24" />
          dwelltime
        </Link>
        <nav aria-label="Views">
          <ul>
            {MENU.map(([view, label]) => (
              <li key={view}>
                <Link to={toView(address, view)} {...(menu === view && { 'aria-current': 'page' })}>
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        {token !== undefined && (
          <button type="button" class="forget" onClick={() => setToken(undefined)}>
            Forget token
          </button>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        {refusal ? (
          <TokenForm refusal={refusal} />
        ) : (
          <>
            <h1 ref={heading} tabIndex={-1}>
              {name}
            </h1>
            <FilterBar more={filters} hasDays={hasDays} />
            <Content key={address.view} />
          </>
        )}
      </main>
    </>
  )
}

/** Who comes to another view by keyboard or ear begins at its heading. */
function useFocusAfterFirst(element: { current: HTMLElement | null }, what: string): void {
  const isFirst = useRef(true)
  useEffect(() => {
    if (!isFirst.current) element.current?.focus()
    isFirst.current = false
  }, [what])
}
