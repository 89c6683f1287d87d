import type { Source } from '../core/tracker.ts'
import { MAX_TITLE, type Utm } from '../protocol/record.ts'

/** Where the visitor came from: the host of another site, and the campaign that the address names. */
export function readSource(): Source {
  const host = document.referrer.split('/')[2]
  let utm: Utm | undefined
  const query = new URL(location.href).searchParams
  for (const key of 'source medium campaign term content'.split(' ')) {
    const value = query.get(`utm_${key}`)
    if (value) utm = { ...utm, [key]: value.slice(0, MAX_TITLE) }
  }
  return { referrerHost: host !== location.host ? host : undefined, utm }
}
