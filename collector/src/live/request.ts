import * as v from 'valibot'
import { object, type Parsed, parse, text } from '../wanted.ts'

/** What can be asked of the live stream. `last_event_id`: for clients that cannot set the header of that name. */
export const liveQuery = object({ site: v.exactOptional(text(255, 1)), last_event_id: v.exactOptional(text(64)) })

export const parseLiveRequest = (query: Record<string, string>): Parsed<v.InferOutput<typeof liveQuery>> =>
  parse(liveQuery, query, 'query')
