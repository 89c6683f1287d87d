import type { IngestAnswer, RecordProblem, ViewRecord } from 'dwelltime/protocol'
import type { BodyFault, Health, RecordFault } from '../health.ts'
import { readJson } from '../json-body.ts'
import type { ReceivedView, Store } from '../store/store.ts'
import { createGroupCommit, OverloadError } from './group-commit.ts'
import type { Ledger } from './ledger.ts'
import { implausibility } from './plausible.ts'
import { createRateLimit } from './rate-limit.ts'
import { type ParsedEnvelope, parseEnvelope, parseRecord } from './schema.ts'
import { type Sites, siteRefused } from './sites.ts'
import { readUserAgent, type Sender } from './user-agent.ts'

/** A post that is refused as a whole. */
export interface Refusal {
  status: 400 | 413 | 415 | 429 | 503
  fault: BodyFault
  problem: string
  /** After which it may come again, in seconds. */
  retryAfter?: number
}

export type IngestResult = { answer: IngestAnswer; refusal?: never } | { answer?: never; refusal: Refusal }

/** What `sendBeacon` and `fetch` send without asking the collector first, and what everybody else sends. */
const CONTENT_TYPES = ['text/plain', 'application/json']

/** In seconds: after a refusal that is ours, not the sender's. */
const RETRY_AFTER = 5

/** The most posts whose bodies are read or wait for their commit; each may hold 64 KiB. */
const MAX_POSTS = 2_000

/** How many sites the people behind one address may visit at full rate: else made-up sites went round the limit. */
const SITES_PER_ADDRESS = 5

/** The site of notes about posts in which nobody could tell one. */
const NO_SITE = ''

export interface IngestOptions {
  store: Pick<Store, 'append'>
  health: Health
  ledger: Ledger
  now: () => Date
  onError: (error: unknown) => void
  /** Told of records that are durable, whatever they turned out to be. */
  onAnswered?: (views: readonly ReceivedView[]) => void
  sites: Sites
  /** Records a minute from one address prefix for one site; 0: no limit. */
  rateLimit: number
  maxPosts?: number
}

/**
 * From a post to its answer, which is given only after every record in it is durable. A post whose envelope can be
 * read is answered 200 even if no record in it is good: sending it again could not change that.
 */
export function createIngest(options: IngestOptions): (request: Request, prefix: string) => Promise<IngestResult> {
  const { store, health, ledger, now, onError, onAnswered, sites, rateLimit, maxPosts = MAX_POSTS } = options
  const commit = createGroupCommit(store.append)
  const takeOfSite = createRateLimit(rateLimit)
  const takeOfAddress = createRateLimit(rateLimit * SITES_PER_ADDRESS)
  let posts = 0

  async function ingest(request: Request, prefix: string): Promise<IngestResult> {
    const wrongType = contentTypeProblem(request)
    if (wrongType) return refuse({ status: 415, fault: 'content_type', problem: wrongType })
    const tooFast = limit(takeOfAddress, prefix, 1)
    if (tooFast) return tooFast
    const body = await readJson(request)
    if (body.problem !== undefined) {
      const fault = body.status === 413 ? 'too_large' : 'unreadable'
      return refuse({ status: body.status, fault, problem: body.problem })
    }
    const receivedAt = now().getTime()
    const envelope = parseEnvelope(body.value)
    if (envelope.problem !== undefined) return refuse({ status: 400, fault: 'envelope', problem: envelope.problem })

    const { good, problems } = sift(envelope.value, receivedAt, request.headers)
    for (const [site, records] of recordsBySite(good)) {
      const limited = limit(takeOfSite, `${prefix} ${site}`, records)
      if (limited) return limited
    }
    try {
      problems.push(...(await append(good)))
    } catch (error) {
      return refuse(unstored(error, onError))
    }
    problems.sort((a, b) => a.index - b.index)
    return { answer: { accepted: envelope.value.records.length - problems.length, problems } }
  }

  function limit(take: ReturnType<typeof createRateLimit>, key: string, amount: number): IngestResult | undefined {
    const waitMs = rateLimit > 0 ? take(key, amount, now().getTime()) : 0
    if (waitMs === 0) return undefined
    const retryAfter = Math.ceil(waitMs / 1000)
    return refuse({ status: 429, fault: 'rate', problem: 'too many records: come again later', retryAfter })
  }

  /** One bad record does not cost the good ones. */
  function sift({ records, deferred, sentAt, via }: ParsedEnvelope, receivedAt: number, headers: Headers) {
    const good: { index: number; view: ReceivedView }[] = []
    const problems: RecordProblem[] = []
    const sender: Sender = readUserAgent(headers.get('user-agent') ?? undefined)
    const origin = headers.get('origin') ?? undefined
    // A deferred envelope was sealed long before the browser sent it: it says nothing of the clock.
    const skewMs = deferred ? null : receivedAt - sentAt

    const refused = (fault: RecordFault, problem: RecordProblem, site: string) => {
      health.countRecordFault(fault)
      ledger.note(site, `rejected_${fault}`)
      problems.push(problem)
    }
    for (const [index, input] of records.entries()) {
      const { value: record, problem } = parseRecord(input)
      if (problem !== undefined) {
        refused('invalid', { index, problem }, NO_SITE)
        continue
      }
      const stranger = siteRefused(sites, record.site, origin)
      if (stranger) {
        refused('site', { index, problem: stranger }, NO_SITE)
        continue
      }
      const reason = implausibility(record, receivedAt, skewMs)
      if (reason) {
        refused('implausible', { index, problem: reason }, record.site)
        ledger.setAside({ receivedAt, site: record.site, reason, record })
        continue
      }
      good.push({ index, view: { record, receivedAt, skewMs, via, ...sender } })
    }
    return { good, problems }
  }

  /** Resolves when they are durable, to what the store would not take. */
  async function append(good: { index: number; view: ReceivedView }[]): Promise<RecordProblem[]> {
    if (good.length === 0) return []
    const outcomes = await commit(good.map(({ view }) => view))
    health.countOutcomes(outcomes)
    onAnswered?.(good.map(({ view }) => view))
    for (const [at, { view }] of good.entries()) note(view.record, outcomes[at]!)
    return good
      .filter((_, at) => outcomes[at] === 'conflict')
      .map(({ index }) => ({ index, problem: "sessionId: want that of the view's earlier records" }))
  }

  function note({ site }: ViewRecord, outcome: string): void {
    ledger.note(site, outcome === 'conflict' ? 'rejected_conflict' : 'accepted')
    if (outcome !== 'stored' && outcome !== 'conflict') ledger.note(site, outcome)
  }

  return async (request, prefix) => {
    if (posts >= maxPosts) {
      health.countBodyFault('overload')
      return refuse(OVERLOAD)
    }
    posts += 1
    try {
      const result = await ingest(request, prefix)
      if (result.refusal) health.countBodyFault(result.refusal.fault)
      return result
    } finally {
      posts -= 1
    }
  }
}

const refuse = (refusal: Refusal): IngestResult => ({ refusal })

const OVERLOAD: Refusal = {
  status: 503,
  fault: 'overload',
  problem: 'too many records are waiting: come again',
  retryAfter: RETRY_AFTER,
}

/** What went wrong inside is for the log; the sender only learns that it may come again. */
function unstored(error: unknown, onError: (error: unknown) => void): Refusal {
  if (error instanceof OverloadError) return OVERLOAD
  onError(error)
  const problem = 'records could not be stored: come again'
  return { status: 503, fault: 'store', problem, retryAfter: RETRY_AFTER }
}

function recordsBySite(good: readonly { view: ReceivedView }[]): Map<string, number> {
  const records = new Map<string, number>()
  for (const { view } of good) records.set(view.record.site, (records.get(view.record.site) ?? 0) + 1)
  return records
}

function contentTypeProblem({ headers }: Request): string | undefined {
  const type = (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
  if (!CONTENT_TYPES.includes(type)) return `content-type: want ${CONTENT_TYPES.join(' or ')}`
  if (headers.has('content-encoding')) return 'content-encoding: want none'
  return undefined
}
