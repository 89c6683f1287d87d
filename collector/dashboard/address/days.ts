import type { Address } from './address.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** First and last day, both included, and as many days before them. */
export interface Days {
  start_date: string
  end_date: string
  previous: { start_date: string; end_date: string }
}

/** The date of an instant in a zone; of UTC where the browser does not know the zone. */
export function dateIn(timezone: string, instant: number): string {
  const style = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
  try {
    const parts = new Intl.DateTimeFormat('en', { timeZone: timezone, ...style }).formatToParts(instant)
    // Put together here: in which order a language has them differs between browsers, of `en-CA`, too.
    const part = (type: string) => parts.find((each) => each.type === type)!.value
    return `${part('year')}-${part('month')}-${part('day')}`
  } catch {
    return new Date(instant).toISOString().slice(0, 10)
  }
}

/** `days` later, or earlier below 0. */
const dateAfter = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)

/** Which days an address is about. */
export function daysOf(address: Pick<Address, 'days' | 'from' | 'to' | 'timezone'>, now: number): Days {
  const today = dateIn(address.timezone, now)
  const end_date = address.to ?? today
  const start_date = address.from ?? dateAfter(end_date, 1 - (address.days ?? 1))
  const length = (Date.parse(end_date) - Date.parse(start_date)) / DAY_MS + 1
  const previous = { start_date: dateAfter(start_date, -length), end_date: dateAfter(start_date, -1) }
  return { start_date, end_date, previous }
}
