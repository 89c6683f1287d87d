const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const long = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })

/** A date as `15 Jun`. */
export const sayDay = (date: string): string => short.format(Date.parse(date))

/** A date as `Mon 15 Jun`. */
export const sayWeekday = (date: string): string => long.format(Date.parse(date)).replace(',', '')

/** An instant as date and time in a zone. */
export function sayInstant(instant: number, timezone: string, style: 'time' | 'full' = 'full'): string {
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
  const date = { day: 'numeric', month: 'short', year: 'numeric' } as const
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: isZone(timezone) ? timezone : 'UTC',
    ...(style === 'full' && date),
    ...time,
  })
  return format.format(instant)
}

/** Whether this browser knows it. */
function isZone(timezone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
    return true
  } catch {
    return false
  }
}
