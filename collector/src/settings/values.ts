import { readToken, type Tokens } from '../access.ts'
import type { StoreSetting } from '../settings.ts'
import type { Setting } from './sources.ts'

/** Views that may still change cannot be rolled up, and what is not rolled up is not deleted. */
const MIN_RETENTION_DAYS = 10

/** Longer than any key of HMAC-SHA256 has to be is fine, shorter ones could be guessed. */
const MIN_SECRET = 16

/** A text as it is; what a file has as number, list or truth, written as on a command line. */
export const plain = (value: unknown): string =>
  Array.isArray(value) ? value.map(plain).join() : typeof value === 'object' ? '' : String(value)

/** What was wanted, and what came instead. */
const not = (want: string, value: unknown) => new Error(`want ${want}, not "${plain(value)}"`)

export const numberOf =
  ({ max, isWhole }: { max: number; isWhole: boolean }) =>
  ({ value }: Setting): number => {
    const number = /^\d+(\.\d+)?$/.test(plain(value)) ? Number(value) : Number.NaN
    if (number <= max && (!isWhole || Number.isInteger(number))) return number
    throw not(`${isWhole ? 'an integer' : 'a number'} from 0 to ${max}`, value)
  }

export function textOf({ value }: Setting): string {
  if (plain(value)) return plain(value)
  throw new Error('want a text that is not empty')
}

export const oneOf =
  <const T extends string>(values: readonly T[]) =>
  ({ value }: Setting): T => {
    const found = values.find((each) => each === plain(value))
    if (found !== undefined) return found
    throw not(`one of ${values.join(', ')}`, value)
  }

export function truthOf({ value }: Setting): boolean {
  if (['true', '1'].includes(plain(value))) return true
  if (['false', '0'].includes(plain(value))) return false
  throw not('true or false', value)
}

/** Where no other route is. */
export function pathOf({ value }: Setting): string {
  const path = plain(value)
  const isTaken = /^\/(v1|api|mcp|demo|healthz|readyz|openapi\.json|dwelltime(\.full)?\.js)?(\/|$)/.test(path)
  if (/^(\/[\w.-]+)+$/.test(path) && !isTaken) return path
  throw not('a path of its own, as in /metrics', value)
}

export const secretOf =
  (isWanted: boolean) =>
  ({ value }: Setting): string => {
    const secret = plain(value)
    if (secret.length >= MIN_SECRET || (secret === '' && !isWanted)) return secret
    throw new Error(`want at least ${MIN_SECRET} characters, to sign what webhooks are told`)
  }

const STORES = 'want sqlite, sqlite:./data or clickhouse:http://user:password@host:8123/database'

/** Never repeats the value: it may have a password in it. */
export const storeOf =
  (dataDir: string) =>
  ({ value }: Setting): StoreSetting => {
    const [, kind, place] = /^(sqlite|clickhouse)(?::(.+))?$/.exec(plain(value)) ?? []
    if (kind === 'sqlite') return { kind, dataDir: place ?? dataDir }
    if (kind === 'clickhouse' && place && /^https?:$/.test(protocolOf(place))) return { kind, url: place }
    throw new Error(STORES)
  }

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol
  } catch {
    return ''
  }
}

export function retentionOf(setting: Setting): number {
  const days = numberOf({ max: 36_500, isWhole: true })(setting)
  if (days === 0 || days >= MIN_RETENTION_DAYS) return days
  throw not(`0 or at least ${MIN_RETENTION_DAYS}`, setting.value)
}

export const adminOf = ({ value }: Setting): Pick<Tokens, 'admin'> => (value ? { admin: readToken(plain(value)) } : {})
