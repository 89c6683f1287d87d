import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { type Parsed, parse, text } from '../wanted.ts'

/** Sessions of other components, in the event format of the original. */

const TIMESTAMP = 'an instant as in 2026-06-15T12:00:00Z'
const timestamp = v.pipe(
  v.string(TIMESTAMP),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/, TIMESTAMP),
  // Without a zone it is UTC, as the original has it.
  v.transform((iso) => Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`)),
  v.check((at) => !Number.isNaN(at), TIMESTAMP),
)

const id = text(128, 1)

const common = {
  event_version: v.literal('1.0', '"1.0"'),
  event_id: id,
  component_name: text(255, 1),
  timestamp,
}

/** Accepted, since the original sends them, and not stored: they are about people and machines. */
const unstored = {
  pid: v.optional(v.unknown()),
  user: v.optional(v.unknown()),
  hostname: v.optional(v.unknown()),
  environment: v.optional(v.unknown()),
  metadata: v.optional(v.unknown()),
}

const start = v.object(
  { event: v.literal('session_start'), ...common, shell_type: text(64, 1), ...unstored },
  'an object',
)
const end = v.object(
  {
    event: v.literal('session_end'),
    ...common,
    shell_type: v.optional(text(64)),
    session_id: text(64, 1),
    status: v.picklist(['success', 'error'], 'success or error'),
    ...unstored,
  },
  'an object',
)

export const sessionEvent = v.variant('event', [start, end], 'session_start or session_end')

export type SessionStart = v.InferOutput<typeof start>
export type SessionEnd = v.InferOutput<typeof end>

/** What is answered. */
export const trackedAnswer = v.object({ status: v.literal('tracked'), session_id: v.string() })

export const parseSessionEvent = (input: unknown): Parsed<SessionStart | SessionEnd> =>
  parse(sessionEvent, input, 'event')

/** The same event, sent again, is the same session. */
export const sessionIdOf = ({ component_name, event_id }: SessionStart): string =>
  createHash('sha256').update(`component ${component_name} ${event_id}`).digest('hex').slice(0, 32)
