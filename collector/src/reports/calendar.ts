const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS

/** A date as YYYY-MM-DD that exists in the calendar. */
export function isDate(text: string): boolean {
  const instant = Date.parse(`${text}T00:00:00Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text)
}

/** A name of the IANA time zone database, as far as this Node knows it. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return /^[A-Za-z]/.test(name) // an offset like +01:00 is no zone: it knows no summer time
  } catch {
    return false
  }
}

/**
 * The days from `first` to `last` inclusive as instants `[from, to)`. Days of 23, 25 and no hours come out right:
 * a day begins with the first instant whose local date is that day or later.
 */
export function daysAsInstants(first: string, last: string, timeZone: string): { from: number; to: number } {
  const startOf = createStartOfDay(timeZone)
  return { from: startOf(dayNumber(first)), to: startOf(dayNumber(last) + 1) }
}

/** Days since 1970-01-01. */
const dayNumber = (date: string) => Date.parse(`${date}T00:00:00Z`) / DAY_MS

function createStartOfDay(timeZone: string): (day: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: 'numeric', day: 'numeric' })

  function localDay(instant: number): number {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value)
    return Date.UTC(part.year!, part.month! - 1, part.day!) / DAY_MS
  }

  return (day) => {
    // No zone is further than 15 hours from UTC, and none ever left out more than a day.
    let before = day * DAY_MS - 15 * HOUR_MS
    let reached = day * DAY_MS + 39 * HOUR_MS
    while (reached - before > 1) {
      const middle = Math.floor((before + reached) / 2)
      if (localDay(middle) >= day) reached = middle
      else before = middle
    }
    return reached
  }
}
