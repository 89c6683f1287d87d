import { createContext } from 'preact'
import { useContext, useEffect, useMemo, useState } from 'preact/hooks'
import { type Address, readAddress, writeAddress } from './address.ts'
import { type Days, daysOf } from './days.ts'

/** Where we are, and how to get elsewhere. */
export interface Place {
  address: Address
  days: Days
  /** What every report is asked with. */
  query: { start_date: string; end_date: string; timezone: string } & Address['filter']
  /** The same of the period before. */
  previousQuery: Place['query']
  go(address: Address): void
  /** Without a step in the history: for what is typed. */
  replace(address: Address): void
}

const PlaceContext = createContext<Place | undefined>(undefined)
export const PlaceProvider = PlaceContext.Provider
export const usePlace = (): Place => useContext(PlaceContext)!

// Named: where the system's locale is C, WebKit throws at its own default.
const zoneHere = Intl.DateTimeFormat('en').resolvedOptions().timeZone || 'UTC'
const here = () => readAddress(location.search, zoneHere)

/** The address as state: the URL is the only place where it is kept. */
export function useNewPlace(round: number): Place {
  const [address, setAddress] = useState(here)

  useEffect(() => {
    const stopping = new AbortController()
    addEventListener('popstate', () => setAddress(here()), { signal: stopping.signal })
    history.replaceState(null, '', writeAddress(here())) // a shared URL has the zone that its figures are of
    return () => stopping.abort()
  }, [])

  // Each round has its own today.
  return useMemo(() => {
    const days = daysOf(address, Date.now())
    const { previous, ...range } = days
    const common = { timezone: address.timezone, ...address.filter }
    return {
      address,
      days,
      query: { ...range, ...common },
      previousQuery: { ...previous, ...common },
      go(next) {
        history.pushState(null, '', writeAddress(next))
        setAddress(next)
      },
      replace(next) {
        history.replaceState(null, '', writeAddress(next))
        setAddress(next)
      },
    }
  }, [address, round])
}
