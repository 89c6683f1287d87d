import * as v from 'valibot'
import type { Store } from '../store/store.ts'
import { between, object, oneOf, type Parsed, parse, text } from '../wanted.ts'
import { isDate, isTimeZone } from './calendar.ts'
import { clocksOnPages, resultsOfPeople, seconds, writtenPercentiles } from './durations-by-person.ts'
import { weightedAverage } from './weighted.ts'

/** How long the sessions of each user lasted, by the day they started. */

const DATE = 'a date as YYYY-MM-DD'
const ZONE = 'the name of an IANA time zone'

/** What can be asked. */
export const sessionDurationParams = object({
  start_date: v.pipe(v.string(DATE), v.check(isDate, DATE)),
  end_date: v.pipe(v.string(DATE), v.check(isDate, DATE)),
  timezone: v.optional(v.pipe(v.string(ZONE), v.maxLength(64, ZONE), v.check(isTimeZone, ZONE)), 'UTC'),
  site: v.optional(text(255, 1)),
  page: v.optional(text(1024, 1)),
  metric: v.optional(oneOf(['session', 'visible', 'engaged', 'total']), 'session'),
  percentiles: v.optional(
    v.pipe(v.array(between(0, 100), 'a list of numbers'), v.maxLength(20, 'at most 20 numbers')),
    [],
  ),
  anonymous: v.optional(v.boolean('true or false'), false),
})

export type SessionDurationRequest = v.InferOutput<typeof sessionDurationParams>
export type SessionDurationParams = v.InferInput<typeof sessionDurationParams>

/** Seconds; `user_id` is null for all the sessions that told neither a user nor a visitor id. */
export const durationResult = v.object({
  user_id: v.nullable(v.string()),
  average_duration: v.number(),
  percentiles: v.exactOptional(v.record(v.string(), v.number())),
})

export const sessionDurationResponse = v.object({ results: v.array(durationResult) })
export type SessionDurationResponse = v.InferOutput<typeof sessionDurationResponse>

export function parseSessionDurationRequest(body: unknown): Parsed<SessionDurationRequest> {
  const request = parse(sessionDurationParams, body, 'body')
  const isBackwards = request.value && request.value.start_date > request.value.end_date
  return isBackwards ? { problem: 'Start date cannot be after end date' } : request
}

/** The JSON of a `SessionDurationResponse`. With `page`, a session counts whole, a clock only as far as it ran on such pages. */
export async function sessionDuration(store: Store, asked: SessionDurationRequest): Promise<string> {
  const request = { ...asked, percentiles: [...new Set(asked.percentiles)] }
  const { metric, page, percentiles } = request
  if (metric !== 'session' && page !== undefined) {
    const people = await clocksOnPages(store, request, `${metric}Ms`)
    return responseOf(
      [...people].map(([person, sessions]) => {
        const average = seconds(weightedAverage(sessions))
        const user = person ? JSON.stringify(person) : 'null'
        return `{"user_id":${user},"average_duration":${average}${writtenPercentiles(sessions, percentiles)}}`
      }),
    )
  }
  return responseOf(await resultsOfPeople(store, request))
}

/** As text: objects with numbers for names have room for all numbers below them, and there may be many users. */
const responseOf = (results: readonly string[]) => `{"results":[${results.filter((some) => some !== '').join()}]}`
