import type { IngestAnswer, RecordProblem } from 'dwelltime/protocol'
import type { BodyFault, Health, RecordFault } from '../health.ts'
import { readJson } from '../json-body.ts'
import type { ReceivedView, Store } from '../store/store.ts'
import { createGroupCommit, OverloadError } from './group-commit.ts'
import { implausibility } from './plausible.ts'
import { type ParsedEnvelope, parseEnvelope, parseRecord } from './schema.ts'

/** A post that is refused as a whole. */
export interface Refusal {
  status: 400 | 413 | 415 | 503
  fault: BodyFault
  problem: string
}

export type IngestResult = { answer: IngestAnswer; refusal?: never } | { answer?: never; refusal: Refusal }

/** What `sendBeacon` and `fetch` send without asking the collector first, and what everybody else sends. */
const CONTENT_TYPES = ['text/plain', 'application/json']

export interface IngestOptions {
  store: Store
  health: Health
  now: () => Date
}

/**
 * From a post to its answer, which is given only after every record in it is durable. A post whose envelope can be
 * read is answered 200 even if no record in it is good: sending it again could not change that.
 */
export function createIngest({ store, health, now }: IngestOptions): (request: Request) => Promise<IngestResult> {
  const commit = createGroupCommit(store.append)

  async function ingest(request: Request): Promise<IngestResult> {
    const wrongType = contentTypeProblem(request)
    if (wrongType) return refuse({ status: 415, fault: 'content_type', problem: wrongType })
    const body = await readJson(request)
    if (body.problem !== undefined) {
      const fault = body.status === 413 ? 'too_large' : 'unreadable'
      return refuse({ status: body.status, fault, problem: body.problem })
    }
    const receivedAt = now().getTime()
    const envelope = parseEnvelope(body.value)
    if (envelope.problem !== undefined) return refuse({ status: 400, fault: 'envelope', problem: envelope.problem })

    const { good, problems } = sift(envelope.value, receivedAt)
    try {
      problems.push(...(await append(good)))
    } catch (error) {
      return refuse(unstored(error))
    }
    problems.sort((a, b) => a.index - b.index)
    return { answer: { accepted: envelope.value.records.length - problems.length, problems } }
  }

  /** One bad record does not cost the good ones. */
  function sift({ records, deferred, sentAt }: ParsedEnvelope, receivedAt: number) {
    const good: { index: number; view: ReceivedView }[] = []
    const problems: RecordProblem[] = []
    const setAside = (fault: RecordFault, problem: RecordProblem) => {
      health.countRecordFault(fault)
      problems.push(problem)
    }

    for (const [index, input] of records.entries()) {
      const { value: record, problem } = parseRecord(input)
      if (problem !== undefined) {
        setAside('invalid', { index, problem })
        continue
      }
      const implausible = implausibility(record, receivedAt)
      if (implausible) setAside('implausible', { index, problem: implausible })
      // A deferred envelope was sealed long before the browser sent it: it says nothing of the clock.
      else good.push({ index, view: { record, receivedAt, skewMs: deferred ? null : receivedAt - sentAt } })
    }
    return { good, problems }
  }

  /** Resolves when they are durable, to what the store would not take. */
  async function append(good: { index: number; view: ReceivedView }[]): Promise<RecordProblem[]> {
    if (good.length === 0) return []
    const outcomes = await commit(good.map(({ view }) => view))
    health.countOutcomes(outcomes)
    return good
      .filter((_, at) => outcomes[at] === 'conflict')
      .map(({ index }) => ({ index, problem: "sessionId: want that of the view's earlier records" }))
  }

  return async (request) => {
    const result = await ingest(request)
    if (result.refusal) health.countBodyFault(result.refusal.fault)
    return result
  }
}

const refuse = (refusal: Refusal): IngestResult => ({ refusal })

/** What went wrong inside is for the log; the sender only learns that it may come again. */
function unstored(error: unknown): Refusal {
  if (error instanceof OverloadError) {
    return { status: 503, fault: 'overload', problem: 'too many records are waiting: come again' }
  }
  console.error('dwelltime: records could not be stored:', error)
  return { status: 503, fault: 'store', problem: 'records could not be stored: come again' }
}

function contentTypeProblem({ headers }: Request): string | undefined {
  const type = (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
  if (!CONTENT_TYPES.includes(type)) return `content-type: want ${CONTENT_TYPES.join(' or ')}`
  if (headers.has('content-encoding')) return 'content-encoding: want none'
  return undefined
}
