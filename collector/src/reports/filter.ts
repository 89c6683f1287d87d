import * as v from 'valibot'
import { DEVICE_CLASSES } from '../ingest/user-agent.ts'
import { type Dialect, pagePattern } from '../store/question.ts'
import { DAY_MS, LONGEST_SESSION_MS } from '../tallies/tiers.ts'
import { oneOf, text } from '../wanted.ts'
import { daysAsInstants, isDate, isTimeZone } from './calendar.ts'

const DATE = 'a date as YYYY-MM-DD'
const ZONE = 'the name of an IANA time zone'

/** Reports without dates are about these last days, today included. */
const DEFAULT_DAYS = 30

/** Longer ranges are of no use to anybody and cost too much. */
const MAX_DAYS = 800

const date = v.pipe(v.string(DATE), v.check(isDate, DATE))

/** What every report can be narrowed to, as it stands in the query of a URL. */
export const filterEntries = {
  start_date: v.optional(date),
  end_date: v.optional(date),
  timezone: v.optional(v.pipe(v.string(ZONE), v.maxLength(64, ZONE), v.check(isTimeZone, ZONE)), 'UTC'),
  site: v.optional(text(255, 1)),
  page: v.optional(text(1024, 1)),
  page_group: v.optional(text(128, 1)),
  campaign: v.optional(text(256, 1)),
  referrer: v.optional(text(255, 1)),
  device: v.optional(oneOf(DEVICE_CLASSES)),
  user: v.optional(text(256, 1)),
  bots: v.optional(oneOf(['include', 'exclude']), 'include'),
}

type FilterQuery = v.InferOutput<v.ObjectSchema<typeof filterEntries, undefined>>

/** An integer in a query. */
export function whole(min: number, max: number) {
  const want = `an integer from ${min} to ${max}`
  return v.pipe(
    v.string(want),
    v.regex(/^\d{1,9}$/, want),
    v.transform(Number),
    v.minValue(min, want),
    v.maxValue(max, want),
  )
}

/** What a report is about. */
export interface Filter extends Omit<FilterQuery, 'start_date' | 'end_date'> {
  /** Inclusive dates in the time zone. */
  firstDay: string
  lastDay: string
  /** The same as instants, `to` excluded. */
  from: number
  to: number
  /** A second page pattern, set by whoever limits the reader. */
  allowedPage?: string
}

/** Fills in the dates; answers what is wrong with them as a text. */
export function readFilter(query: FilterQuery, now: number): Filter | string {
  const { start_date, end_date, ...rest } = query
  const lastDay = end_date ?? localDate(now, query.timezone)
  const firstDay = start_date ?? dateBefore(lastDay, DEFAULT_DAYS - 1)
  if (firstDay > lastDay) return 'Start date cannot be after end date'
  if (daysBetween(firstDay, lastDay) > MAX_DAYS) return `end_date: want at most ${MAX_DAYS} days after start_date`
  return { ...rest, firstDay, lastDay, ...daysAsInstants(firstDay, lastDay, query.timezone) }
}

/** Every date from the first to the last. */
export function eachDay({ firstDay, lastDay }: Pick<Filter, 'firstDay' | 'lastDay'>): string[] {
  const days = daysBetween(firstDay, lastDay) + 1
  return Array.from({ length: days }, (_, index) => dateBefore(firstDay, -index))
}

export const dateBefore = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10)

export const daysBetween = (first: string, last: string): number => (Date.parse(last) - Date.parse(first)) / DAY_MS

/** The date of an instant in a zone. */
const localDate = (instant: number, timeZone: string): string => createLocalDate(timeZone)(instant)

/** The same for many instants: to make what formats them takes longest. */
export function createLocalDate(timeZone: string): (instant: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return (instant) => format.format(instant)
}

/** Whether roll-ups know enough: they have no campaign, referrer or user. */
export const isCoarse = ({ campaign, referrer, user }: Filter): boolean =>
  campaign === undefined && referrer === undefined && user === undefined

/** Whether only some pages count. */
export const isAboutPages = ({ page, allowedPage, page_group }: Filter): boolean =>
  page !== undefined || allowedPage !== undefined || page_group !== undefined

/** Whether it asks for some of the sessions of its site and range only. */
export const isNarrow = (filter: Filter): boolean =>
  !isCoarse(filter) || isAboutPages(filter) || filter.device !== undefined || filter.bots === 'exclude'

/** Conditions on the rows of one table, and the parameters that they name. */
export interface Conditions {
  /** Where those rows are for which the conditions hold, maybe among more; stands for the table. */
  near: (dialect: Dialect) => string
  sql: (dialect: Dialect) => string
  parameters: Record<string, string | number>
}

/** Empty for most: their indexes are without these, which has to be said for them to be used. */
const RARE: readonly string[] = ['campaign', 'referrer']

const COLUMNS = { site: 'site', device: 'device', campaign: 'campaign', referrer: 'referrer' } as const

/** The views of a filter. */
export function viewConditions(filter: Filter, range: Pick<Filter, 'from' | 'to'>): Conditions {
  const { user, page_group } = filter
  const inGroup = page_group === undefined ? [] : ['page_group = :pageGroup']
  const ofUser = user === undefined ? [] : ['session_id IN (SELECT session_id FROM sessions WHERE person = :user)']
  const sql = (dialect: Dialect) =>
    all([...inRange('began_at'), ...equalities(filter), ...inGroup, ...ofUser, ...onPages(filter, dialect, 'path')])
  return {
    near: (dialect) => (isCoarse(filter) ? dialect.viewsNear(':from', ':to') : dialect.viewsWith(sql(dialect))),
    sql,
    parameters: parametersOf(filter, range),
  }
}

/** The sessions of a filter: those that came by such a page or group, and began as it says. */
export function sessionConditions(filter: Filter, range: Pick<Filter, 'from' | 'to'>): Conditions {
  const ofUser = filter.user === undefined ? [] : ['person = :user']
  const needsViews = isAboutPages(filter)
  const inGroup = filter.page_group === undefined ? [] : ['views.page_group = :pageGroup']
  const sql = (dialect: Dialect) => {
    const views = [...inGroup, ...onPages(filter, dialect, 'views.path')]
    const hasViews = isCoarse(filter)
      ? dialect.hasViews(all([...AROUND, ...views]), 'many')
      : dialect.hasViews(all(views), 'few')
    return all([...inRange('started_at'), ...equalities(filter), ...ofUser, ...(needsViews ? [hasViews] : [])])
  }
  const few = isCoarse(filter) ? () => all(inRange('started_at')) : sql
  return { near: (dialect) => dialect.sessionsWith(few(dialect)), sql, parameters: parametersOf(filter, range) }
}

/** The roll-ups, of any time, of a filter that is coarse enough. */
export function rollupConditions(filter: Filter): Omit<Conditions, 'near'> {
  const inGroup = filter.page_group === undefined ? [] : ['page_group = :pageGroup']
  return {
    sql: (dialect) => all([...equalities(filter), ...inGroup, ...onPages(filter, dialect, 'path')]),
    parameters: parametersOf(filter, {}),
  }
}

/** When the views may have begun of sessions that began in the range. */
export const AROUND = [
  `views.began_at >= :from - ${LONGEST_SESSION_MS}`,
  `views.began_at < :to + ${LONGEST_SESSION_MS}`,
] as const

const inRange = (at: string) => [`${at} >= :from`, `${at} < :to`]

function equalities(filter: Filter): string[] {
  const names = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]
  const set = names
    .filter((name) => filter[name] !== undefined)
    .flatMap((name) => [`${COLUMNS[name]} = :${name}`, ...(RARE.includes(name) ? [`${COLUMNS[name]} <> ''`] : [])])
  return filter.bots === 'exclude' ? [...set, 'is_bot = 0'] : set
}

function onPages({ page, allowedPage }: Filter, dialect: Dialect, column: string): string[] {
  return [
    ...(page === undefined ? [] : [dialect.matchesPage(column, 'page')]),
    ...(allowedPage === undefined ? [] : [dialect.matchesPage(column, 'allowedPage')]),
  ]
}

function parametersOf(filter: Filter, range: Partial<Pick<Filter, 'from' | 'to'>>): Conditions['parameters'] {
  const { site, device, campaign, referrer, user, page_group: pageGroup, page, allowedPage } = filter
  const named = { site, device, campaign, referrer, user, pageGroup }
  const set = Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return {
    ...range,
    ...Object.fromEntries(set),
    ...(page !== undefined && pagePattern('page', page)),
    ...(allowedPage !== undefined && pagePattern('allowedPage', allowedPage)),
  }
}

const all = (conditions: readonly string[]) => (conditions.length > 0 ? conditions.join(' AND ') : '1 = 1')
