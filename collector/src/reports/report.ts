import * as v from 'valibot'
import type { Store } from '../store/store.ts'
import { object, oneOf, parse } from '../wanted.ts'
import { type Filter, filterEntries, readFilter } from './filter.ts'

/** What a report is asked with, beside its filter. */
export interface Circumstances {
  now: number
}

/** A question that people ask, under its name in `GET /api/reports/{name}`. */
export interface Report {
  name: string
  /** For the reader. */
  summary: string
  /** `true`: whoever may see only some pages may see it, for these; else never. */
  canBeLimitedToPages: boolean
  query: v.GenericSchema<unknown, ReportQuery>
  row: v.GenericSchema
  ask(store: Store, request: ReportQuery, filter: Filter, circumstances: Circumstances): Promise<object[]>
}

type ReportQuery = v.InferOutput<v.ObjectSchema<typeof filterEntries, undefined>> & { format: 'json' | 'csv' }

/** The same, its types not yet forgotten. */
interface TypedReport<Name extends string, Entries extends v.ObjectEntries, Row extends v.GenericSchema> {
  name: Name
  summary: string
  canBeLimitedToPages: boolean
  /** What it can be asked beside the filter. */
  entries: Entries
  row: Row
  ask(
    store: Store,
    request: v.InferOutput<v.ObjectSchema<Entries, undefined>>,
    filter: Filter,
    circumstances: Circumstances,
  ): Promise<v.InferOutput<Row>[]>
}

export function defineReport<
  const Name extends string,
  const Entries extends v.ObjectEntries,
  const Row extends v.GenericSchema,
>({ entries, ...report }: TypedReport<Name, Entries, Row>) {
  const query = object({ ...filterEntries, format: v.optional(oneOf(['json', 'csv']), 'json'), ...entries })
  const ask: typeof report.ask = (store, ...asked) => report.ask(knowingOnce(store), ...asked)
  return { ...report, ask, query } as typeof report & { query: typeof query } & Report
}

/** What roll-ups there are is asked for once, however many measures a report is made of. */
function knowingOnce(store: Store): Store {
  const rolledUpTo = once(store.rolledUpTo)
  const list = once(store.freshDays.list)
  return { ...store, rolledUpTo, freshDays: { ...store.freshDays, list } }
}

function once<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined
  return () => {
    result ??= run()
    return result
  }
}

/** From the query of a URL to the rows, or to what is wrong with it. */
export function parseReportRequest(report: Report, input: Record<string, string>, now: number) {
  const { value: request, problem } = parse(report.query, input, 'query')
  if (problem !== undefined) return { problem }
  const filter = readFilter(request, now)
  return typeof filter === 'string' ? { problem: filter } : { value: { request, filter } }
}
