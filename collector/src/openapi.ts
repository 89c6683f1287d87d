import { toJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { version } from '../package.json'
import { liveQuery } from './live/request.ts'
import type { Report } from './reports/report.ts'
import { REPORTS } from './reports/reports.ts'
import { durationResult, sessionDurationParams, sessionDurationResponse } from './reports/session-duration.ts'
import { sessionsQuery, sessionsResponse } from './reports/sessions.ts'
import { sessionEvent, trackedAnswer } from './session-events/events.ts'
import type { MetricsSetting } from './settings.ts'

/** Who may call it: everybody; readers; this machine and whoever has the admin token; only the latter. */
export type Access = 'open' | 'read' | 'write' | 'admin'

/** What a limited read token gets: only its pages, only its site, or nothing. */
export type Narrowing = 'pages' | 'site' | 'nothing'

interface Operation {
  method: 'get' | 'post' | 'delete'
  path: string
  id: string
  summary: string
  access: Access
  narrowing?: Narrowing
  /** Of the URL's query; of the path; of the body; of the answer. */
  query?: v.GenericSchema
  pathParameters?: Record<string, string>
  body?: Content
  answer: Content
}

interface Content {
  type: string
  schema?: object
}

const json = (schema?: object): Content => ({ type: 'application/json', ...(schema && { schema }) })
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const text = (type: string): Content => ({ type })

const schemaOf = (schema: v.GenericSchema) => {
  const { $schema: _, ...rest } = toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' })
  return rest as object
}

const pascal = (name: string) => name.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
const rowName = (report: Report) => `${pascal(report.name)}Row`

const OPERATIONS: Operation[] = [
  {
    method: 'post',
    path: '/v1/records',
    id: 'sendRecords',
    summary: 'What the SDK sends; see docs/protocol.md',
    access: 'open',
    body: json({ type: 'object' }),
    answer: json(ref('IngestAnswer')),
  },
  {
    method: 'post',
    path: '/api/session-duration',
    id: 'sessionDuration',
    summary: 'Average session duration of each user, in seconds',
    access: 'read',
    narrowing: 'site',
    body: json(ref('SessionDurationParams')),
    answer: json(ref('SessionDurationResponse')),
  },
  {
    method: 'get',
    path: '/api/reports/sessions',
    id: 'sessions',
    summary: 'The newest sessions with their views',
    access: 'read',
    narrowing: 'site',
    query: sessionsQuery,
    answer: json(ref('SessionsResponse')),
  },
  ...REPORTS.map(
    (report): Operation => ({
      method: 'get',
      path: `/api/reports/${report.name}`,
      id: `report${pascal(report.name)}`,
      summary: report.summary,
      access: 'read',
      narrowing: report.canBeLimitedToPages ? 'pages' : 'site',
      query: report.query,
      answer: json({
        type: 'object',
        required: ['rows'],
        properties: { rows: { type: 'array', items: ref(rowName(report)) } },
      }),
    }),
  ),
  {
    method: 'delete',
    path: '/api/users/{id}',
    id: 'deleteUser',
    summary: 'Deletes everything that is known of a user or visitor id; late records do not bring it back',
    access: 'admin',
    pathParameters: { id: 'A user id or a visitor id' },
    answer: json(ref('DeletedUser')),
  },
  {
    method: 'get',
    path: '/api/live',
    id: 'live',
    summary: 'Sessions as they begin, go on and end, as server-sent events; see docs/live.md',
    access: 'read',
    narrowing: 'site',
    query: liveQuery,
    answer: text('text/event-stream'),
  },
  {
    method: 'post',
    path: '/api/session-events',
    id: 'trackSessionEvent',
    summary: 'The start or the end of a session of another component',
    access: 'write',
    body: json(ref('SessionEvent')),
    answer: json(ref('TrackedSession')),
  },
  {
    method: 'post',
    path: '/mcp',
    id: 'mcp',
    summary: 'The Model Context Protocol; see docs/mcp.md',
    access: 'read',
    body: json({ type: 'object' }),
    answer: json({ type: 'object' }),
  },
  { method: 'get', path: '/healthz', id: 'healthz', summary: 'It runs', access: 'open', answer: json() },
  {
    method: 'get',
    path: '/readyz',
    id: 'readyz',
    summary: 'It can store; 503 while it cannot',
    access: 'open',
    answer: json(),
  },
  { method: 'get', path: '/openapi.json', id: 'openapi', summary: 'This document', access: 'open', answer: json() },
]

const metricsAt = (path: string): Operation => ({
  ...{ method: 'get', path, id: 'metrics', summary: 'Prometheus, text format 0.0.4', access: 'read' },
  ...{ narrowing: 'nothing', answer: text('text/plain') },
})

const deletedUser = v.object({ sessions: v.number(), views: v.number() })

const ingestAnswer = v.object({
  accepted: v.number(),
  problems: v.array(v.object({ index: v.number(), problem: v.string() })),
})

/** The document at `/openapi.json`, made from the very schemas that requests and answers are held against. */
export function openApi({ path, port }: Pick<MetricsSetting, 'path' | 'port'>): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of port === undefined ? [...OPERATIONS, metricsAt(path)] : OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'dwelltime collector', version },
    paths,
    components: {
      securitySchemes: {
        readToken: { type: 'http', scheme: 'bearer', description: 'From READ_TOKENS; none is needed on this machine' },
        adminToken: { type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN' },
      },
      schemas: {
        SessionDurationParams: schemaOf(sessionDurationParams),
        DurationResult: schemaOf(durationResult),
        SessionDurationResponse: schemaOf(sessionDurationResponse),
        SessionsResponse: schemaOf(sessionsResponse),
        IngestAnswer: schemaOf(ingestAnswer),
        DeletedUser: schemaOf(deletedUser),
        SessionEvent: schemaOf(sessionEvent),
        TrackedSession: schemaOf(trackedAnswer),
        ...Object.fromEntries(REPORTS.map((report) => [rowName(report), schemaOf(report.row)])),
      },
    },
  }
}

const SECURITY: Record<Access, object[]> = {
  open: [],
  read: [{ readToken: [] }, { adminToken: [] }, {}],
  write: [{ adminToken: [] }, {}],
  admin: [{ adminToken: [] }],
}

const REFUSALS: Record<Access, Record<string, { description: string }>> = {
  open: {},
  read: { 401: { description: 'No such token' }, 403: { description: 'Not for this reader' } },
  write: { 401: { description: 'No such token' }, 403: { description: 'Only with the admin token, or from here' } },
  admin: { 401: { description: 'No such token' }, 403: { description: 'Only with the admin token' } },
}

function describe({ id, summary, access, narrowing, query, pathParameters, body, answer }: Operation): object {
  const inPath = Object.entries(pathParameters ?? {}).map(([name, description]) => ({
    ...{ name, in: 'path', required: true, description, schema: { type: 'string' } },
  }))
  return {
    operationId: id,
    summary,
    security: SECURITY[access],
    ...(narrowing && { 'x-limited-token-sees': narrowing }),
    parameters: [...inPath, ...(query ? queryParameters(query) : [])],
    ...(body && { requestBody: { required: true, content: { [body.type]: { schema: body.schema } } } }),
    responses: {
      200: { description: 'OK', content: { [answer.type]: answer.schema ? { schema: answer.schema } : {} } },
      ...REFUSALS[access],
    },
  }
}

function queryParameters(query: v.GenericSchema): object[] {
  const { properties = {}, required = [] } = schemaOf(query) as {
    properties?: Record<string, object>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
  }))
}
