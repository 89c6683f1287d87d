import type { Source } from '../core/events.ts'
import { MAX_TITLE, type Utm } from '../protocol/record.ts'

/** Where the visitor came from: the host of another site, and the campaign that the address names. */
export function readSource(): Source {
  const host = document.referrer.split('/')[2]
  let utm: Utm | undefined
  for (const [name, value] of new URLSearchParams(location.search)) {
    const [, key] = /^utm_(source|medium|campaign|term|content)$/.exec(name) ?? []
    if (key && value) utm = { ...utm, [key]: value.slice(0, MAX_TITLE) }
  }
  return { referrerHost: host === location.host ? undefined : host, utm }
}
