import type { ReportQuery } from '../../src/client.ts'

/** What the page's URL says: which view, of which days, pages and people. Everything that can be shared is in here. */
export interface Address {
  view: ViewName
  /** So many days up to today; undefined where `from` and `to` say which. */
  days?: number
  from?: string
  to?: string
  timezone: string
  /** Beside the period before. */
  compare: boolean
  filter: AddressFilter
  /** Of the view's chart. */
  metric?: string
  /** Column of the view's table, `-` before it: the largest first. */
  sort?: string
  /** Which portion of the table, from 1. */
  portion: number
  /** The 32 hex digits of one session. */
  session?: string
}

export const VIEW_NAMES = [
  'overview',
  'time',
  'pages',
  'page',
  'sessions',
  'session',
  'users',
  'live',
  'quality',
] as const
export type ViewName = (typeof VIEW_NAMES)[number]

/** As reports call them. */
export const FILTER_NAMES = ['site', 'page', 'page_group', 'campaign', 'referrer', 'device', 'user', 'bots'] as const
export type FilterName = (typeof FILTER_NAMES)[number]
export type AddressFilter = Pick<ReportQuery<'overview'>, FilterName>

/** Where not just any text makes sense. */
export const CHOICES: Partial<Record<FilterName, readonly string[]>> = {
  device: ['desktop', 'mobile', 'tablet', 'other'],
  bots: ['include', 'exclude'],
}

const DEFAULT_DAYS = 30

const DATE = /^\d{4}-\d{2}-\d{2}$/

/** Never throws: what makes no sense is left out. */
export function readAddress(search: string, defaultZone: string): Address {
  const query = new URLSearchParams(search)
  const one = (name: string) => query.get(name)?.slice(0, 1_024) || undefined
  const filter: AddressFilter = {}
  for (const name of FILTER_NAMES) {
    const value = one(name)
    if (value !== undefined && (CHOICES[name] ?? [value]).includes(value)) Object.assign(filter, { [name]: value })
  }
  const view = VIEW_NAMES.find((name) => name === one('view')) ?? 'overview'
  return {
    view,
    ...readDays(one('days'), one('from'), one('to')),
    timezone: one('timezone') ?? defaultZone,
    compare: one('compare') !== 'none',
    filter,
    ...optional('metric', one('metric')),
    ...optional('sort', one('sort')),
    portion: Math.max(1, Math.floor(Number(one('portion')) || 1)),
    ...optional('session', one('session')),
  }
}

function readDays(days?: string, from?: string, to?: string): Pick<Address, 'days' | 'from' | 'to'> {
  if (from && to && DATE.test(from) && DATE.test(to) && from <= to) return { from, to }
  const amount = Number(days)
  return { days: Number.isInteger(amount) && amount >= 1 && amount <= 400 ? amount : DEFAULT_DAYS }
}

/** The query of the URL, `?` included; what is as usual is left out, but for the zone: days differ without it. */
export function writeAddress(address: Address): string {
  const { view, days, from, to, timezone, compare, filter, metric, sort, portion, session } = address
  const query = new URLSearchParams({
    ...(view !== 'overview' && { view }),
    ...(from && to ? { from, to } : days !== undefined && days !== DEFAULT_DAYS && { days: String(days) }),
    timezone,
    ...(!compare && { compare: 'none' }),
    ...filter,
    ...(metric && { metric }),
    ...(sort && { sort }),
    ...(portion > 1 && { portion: String(portion) }),
    ...(session && { session }),
  })
  return `?${query}`
}

/** The same days and filters on another view; what was only about this view is gone. */
export function toView(address: Address, view: ViewName, changes: Partial<Address> = {}): Address {
  const { metric: _, sort: __, session: ___, ...rest } = address
  return { ...rest, view, portion: 1, ...changes }
}

/** With one filter set, or without it. */
export function withFilter(address: Address, name: FilterName, value: string | undefined): Address {
  const { [name]: _, ...others } = address.filter
  return { ...address, portion: 1, filter: value ? { ...others, [name]: value } : others }
}

const optional = <Name extends string>(name: Name, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, string>>
