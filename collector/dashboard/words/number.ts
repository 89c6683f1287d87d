const SPACE = '\u00a0'

/** A whole number with its thousands. */
export const sayNumber = (value: number): string => Math.round(value).toLocaleString('en')

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
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent).toLocaleString('en')}${SPACE}%`
}
