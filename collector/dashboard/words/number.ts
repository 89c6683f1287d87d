const SPACE = '\u00a0'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** A whole number with its thousands. */
export const sayNumber = (value: number): string => whole.format(Math.round(value))

/** A share as `12.3 %`; 0 and 1 have no digits behind the point. */
export function sayShare(share: number): string {
  const percent = share * 100
  const digits = percent === 0 || percent >= 99.95 ? 0 : 1
  return `${percent.toFixed(digits)}${SPACE}%`
}

/** The same without a digit that says nothing: for axes. */
export const sayRoundShare = (share: number): string => sayShare(share).replace(/\.0(?=\D)/, '')

/** How much more than before, as `+12 %`; undefined where there was nothing before. */
export function sayChange(value: number | null, before: number | null | undefined): string | undefined {
  if (value === null || !before) return undefined
  const percent = Math.round((value / before - 1) * 100)
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${sayNumber(Math.abs(percent))}${SPACE}%`
}
