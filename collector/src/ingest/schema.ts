import {
  type Envelope,
  MAX_PATH,
  MAX_RECORDS,
  MAX_SPANS,
  MAX_TITLE,
  PAGE_STATES,
  PROTOCOL_VERSION,
  RECORD_REASONS,
  SEND_METHODS,
  SESSION_END_REASONS,
  SPAN_KINDS,
  VIEW_END_REASONS,
  type ViewRecord,
} from 'dwelltime/protocol'
import * as v from 'valibot'
import { between, integer, object, oneOf, type Parsed, parse, text } from '../wanted.ts'

/** No view lasts longer; a value beyond would spoil every sum that it gets into. */
const MAX_DURATION_MS = 31 * 24 * 60 * 60 * 1000

/** The last instant that a Date can hold. */
const MAX_INSTANT = 8.64e15

const id = v.pipe(v.string('32 lower-case hex digits'), v.regex(/^[0-9a-f]{32}$/, '32 lower-case hex digits'))
const instant = integer(0, MAX_INSTANT)
const duration = integer(0, MAX_DURATION_MS)

const SPAN = `[kind, fromMs, toMs] or ["suspended", atMs, lengthMs]`
const span = v.pipe(
  v.union(
    [
      v.strictTuple([v.picklist(SPAN_KINDS), v.number(), v.number()]),
      v.strictTuple([v.literal('suspended'), v.number(), v.number()]),
    ],
    SPAN,
  ),
  v.check(([kind, from, to]) => isDuration(from) && isDuration(to) && (kind === 'suspended' || from <= to), SPAN),
)

const activity = object({
  pointer: integer(0),
  key: integer(0),
  scroll: integer(0),
  touch: integer(0),
  media: integer(0),
})

const utm = object({
  source: v.exactOptional(text(256)),
  medium: v.exactOptional(text(256)),
  campaign: v.exactOptional(text(256)),
  term: v.exactOptional(text(256)),
  content: v.exactOptional(text(256)),
})

const timer = v.strictTuple([duration, duration, duration], '[totalMs, visibleMs, engagedMs]')

/** One record, field by field as in the protocol; names are short texts, so that no label or key can grow. */
const record = v.pipe(
  object({
    site: text(255, 1),
    client: text(64, 1),
    viewId: id,
    seq: integer(1),
    sessionId: id,
    sessionStartedAt: instant,
    lastActivityAt: instant,
    sessionTimeoutMs: duration,
    maxSessionMs: duration,
    heartbeatMs: duration,
    visitorId: v.exactOptional(text(64)),
    userId: v.exactOptional(text(256)),
    path: text(MAX_PATH, 1),
    pageGroup: v.exactOptional(text(128)),
    title: v.exactOptional(text(MAX_TITLE)),
    referrerHost: v.exactOptional(text(255)),
    utm: v.exactOptional(utm),
    startedAt: instant,
    totalMs: duration,
    visibleMs: duration,
    engagedMs: duration,
    state: oneOf(PAGE_STATES),
    reason: oneOf(RECORD_REASONS),
    spans: v.pipe(v.array(span, 'a list of spans'), v.maxLength(MAX_SPANS, `at most ${MAX_SPANS} spans`)),
    endReason: v.exactOptional(oneOf(VIEW_END_REASONS)),
    sessionEndReason: v.exactOptional(oneOf(SESSION_END_REASONS)),
    samplingRate: v.pipe(
      v.number('a number above 0, at most 1'),
      v.gtValue(0, 'a number above 0, at most 1'),
      v.maxValue(1, 'a number above 0, at most 1'),
    ),
    samplingUnit: oneOf(['session', 'visitor']),
    scrollDepth: v.exactOptional(between(0, 1)),
    activity: v.exactOptional(activity),
    thresholds: v.exactOptional(
      v.pipe(v.array(between(0, MAX_DURATION_MS / 1000), 'a list of seconds'), v.maxLength(20, 'at most 20 values')),
    ),
    timers: v.exactOptional(
      v.pipe(v.record(text(64), timer, 'an object of timers'), v.maxEntries(20, 'at most 20 timers')),
    ),
    vitals: v.exactOptional(
      v.pipe(v.record(text(64), between(0, 1e9), 'an object of numbers'), v.maxEntries(10, 'at most 10 values')),
    ),
  }),
  v.forward(
    v.check((view) => view.visibleMs <= view.totalMs, 'at most totalMs'),
    ['visibleMs'],
  ),
  v.forward(
    v.check((view) => view.engagedMs <= view.visibleMs, 'at most visibleMs'),
    ['engagedMs'],
  ),
)

/** What surrounds the records; they are looked at one by one. */
const envelope = object({
  v: v.literal(PROTOCOL_VERSION, ({ received }) => `${PROTOCOL_VERSION}, not ${received}`),
  sentAt: instant,
  deferred: v.boolean('true or false'),
  via: oneOf(SEND_METHODS),
  attempts: integer(1),
  dropped: integer(0),
  records: v.pipe(
    v.array(v.unknown(), 'a list of records'),
    v.maxLength(MAX_RECORDS, `at most ${MAX_RECORDS} records`),
  ),
})

type EnvelopeOutput = v.InferOutput<typeof envelope>

/** Its records are not looked at yet. */
export type ParsedEnvelope = Exactly<Omit<Envelope, 'records'>, Omit<EnvelopeOutput, 'records'>> & {
  records: unknown[]
}

export const parseEnvelope = (input: unknown): Parsed<ParsedEnvelope> => parse(envelope, input, 'body')

export function parseRecord(input: unknown): Parsed<Exactly<ViewRecord, v.InferOutput<typeof record>>> {
  const parsed = parse(record, input, 'record')
  return parsed.problem === undefined ? { value: inShapeOf(input as object, parsed.value) } : parsed
}

/**
 * What was parsed, in the object that JSON gave, which had the same fields: one that is filled field by field, as by
 * valibot, is a hash table to V8 from a dozen fields on, and takes twice as long to be copied to another thread.
 */
function inShapeOf<T extends object>(input: Partial<T>, parsed: T): T {
  for (const key of Object.keys(input) as (keyof T)[]) input[key] = parsed[key]
  return input as T
}

const isDuration = (value: number) => Number.isSafeInteger(value) && value >= 0 && value <= MAX_DURATION_MS

/** The protocol's type if the schema gives the same, in every field and both ways; else nothing here compiles. */
type Exactly<Wire, Output> = Same<Plain<Wire>, Plain<Output>> extends true ? Wire : never
// Written out, for TypeScript compares an alias by assignability, to which an optional field more or less is nothing.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Plain<T> = T extends object ? { [K in keyof T]: Plain<T[K]> } : T
