const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const long = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })

/** A date as `15 Jun`. */
export const sayDay = (date: string): string => short.format(Date.parse(date))

/** A date as `Mon 15 Jun`. */
export const sayWeekday = (date: string): string => long.format(Date.parse(date)).replace(',', '')

type Style = 'time' | 'date' | 'full'

/** An instant as date and time in a zone, or as one of them. */
export const sayInstant = (instant: number, timezone: string, style: Style = 'full'): string =>
  formatFor(timezone, style).format(instant)

/** By zone and style: making one takes longer than using it a hundred times. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatFor(timezone: string, style: Style): Intl.DateTimeFormat {
  const key = `${style} ${timezone}`
  const known = formats.get(key)
  if (known) return known
  const options: Intl.DateTimeFormatOptions = {
    ...(style !== 'time' && { day: 'numeric', month: 'short', year: 'numeric' }),
    ...(style !== 'date' && { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  }
  const format = create(options, timezone)
  formats.set(key, format)
  return format
}

function create(options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone })
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }) // this browser does not know the zone
  }
}
