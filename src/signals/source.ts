import type { Source } from '../core/tracker.ts'
import { MAX_TITLE } from '../protocol/record.ts'

/** Where the visitor came from: the host of another site, and the campaign that the address names. */
export function readSource(): Source {
  const host = document.referrer.split('/')[2]
  const utm = [...new URLSearchParams(location.search)].flatMap(([name, value]) => {
    const [, key] = /^utm_(source|medium|campaign|term|content)$/.exec(name) ?? []
    return key && value ? [[key, value.slice(0, MAX_TITLE)]] : []
  })
  return {
    referrerHost: host === location.host ? undefined : host,
    utm: utm[0] && Object.fromEntries(utm),
  }
}
