import type * as v from 'valibot'
import type { REPORTS } from './reports/reports.ts'
import type { SessionDurationParams, SessionDurationResponse } from './reports/session-duration.ts'
import type { SessionsQuery, SessionsResponse } from './reports/sessions.ts'

type AnyReport = (typeof REPORTS)[number]
export type ReportName = AnyReport['name']
type ReportOf<Name extends ReportName> = Extract<AnyReport, { name: Name }>

/** What a report may be asked, as it stands in the URL. */
export type ReportQuery<Name extends ReportName> = Omit<v.InferInput<ReportOf<Name>['query']>, 'format'>
export type ReportRow<Name extends ReportName> = v.InferOutput<ReportOf<Name>['row']>

/** An answer that was none: its status, and the problem that it names. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    problem: string,
  ) {
    super(problem)
  }
}

export interface ClientOptions {
  /** Of the collector, as `https://stats.example.org`. */
  origin: string
  /** None is needed on the collector's own machine. */
  token?: string
  fetch?: (url: string, init: RequestInit) => Promise<Response> | Response
}

/** The collector's routes as functions, typed by the schemas that the collector itself goes by. */
export function createClient({ origin, token, fetch = globalThis.fetch }: ClientOptions) {
  async function fetchAnswer(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      ...(init.body ? { 'content-type': 'application/json' } : {}),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const response = await fetch(new URL(path, origin).href, { ...init, headers })
    if (response.ok) return response
    // A proxy's error page is no JSON.
    const { problem, detail } = (await response.json().catch(() => ({}))) as { problem?: string; detail?: string }
    throw new ApiError(response.status, problem ?? detail ?? response.statusText)
  }

  const ask = async (path: string, init?: RequestInit): Promise<unknown> => (await fetchAnswer(path, init)).json()

  return {
    async report<Name extends ReportName>(name: Name, query: ReportQuery<Name>): Promise<ReportRow<Name>[]> {
      const { rows } = (await ask(`/api/reports/${name}${search(query)}`)) as { rows: ReportRow<Name>[] }
      return rows
    },
    /** The same as CSV. */
    async csv<Name extends ReportName>(name: Name, query: ReportQuery<Name>): Promise<string> {
      return (await fetchAnswer(`/api/reports/${name}${search({ ...query, format: 'csv' })}`)).text()
    },
    sessionDuration: (params: SessionDurationParams) =>
      ask('/api/session-duration', {
        method: 'POST',
        body: JSON.stringify(params),
      }) as Promise<SessionDurationResponse>,
    sessions: (query: SessionsQuery = {}) => ask(`/api/reports/sessions${search(query)}`) as Promise<SessionsResponse>,
    deleteUser: (id: string) =>
      ask(`/api/users/${encodeURIComponent(id)}`, { method: 'DELETE' }) as Promise<{ sessions: number; views: number }>,
  }
}

function search(query: object): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined)
  return set.length > 0 ? `?${new URLSearchParams(set)}` : ''
}
