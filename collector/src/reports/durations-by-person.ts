import { measureSession } from '../sessions/session.ts'
import { type Dialect, pagePattern, question } from '../store/question.ts'
import type { Parameters, Store } from '../store/store.ts'
import { receivedView, VIEW_COLUMNS, type ViewRow } from '../store/view-row.ts'
import { daysAsInstants } from './calendar.ts'
import { AROUND } from './filter.ts'
import { type People, partsOfPeople } from './people.ts'
import type { SessionDurationRequest } from './session-duration.ts'
import { type Weighted, weightedPercentiles } from './weighted.ts'

/** What stores are asked about the durations of sessions, person by person. */

/** The results of all people as JSON, in lists with commas between them. */
export async function resultsOfPeople(store: Store, request: SessionDurationRequest): Promise<string[]> {
  const parts = await partsOfPeople(store, whichSessions(request), parametersOf(request))
  return Promise.all(parts.map((part) => resultsOf(store, request, part)))
}

async function resultsOf(store: Store, request: SessionDurationRequest, part: People): Promise<string> {
  const { percentiles } = request
  const template = percentiles.length > 0 && { ofOneSession: written(percentiles, () => '?') }
  const parameters = { ...parametersOf(request), ...part.parameters, ...template }
  const [row] = await store.read<{ results: string | null }>(results(request, part), parameters)
  return withPercentiles(row!.results ?? '', percentiles)
}

/** Between two of these is JSON: the lengths and the sampling rates of somebody's sessions. No text has it unescaped. */
const MARK = '\u0001'

const withPercentiles = (results: string, percents: readonly number[]) =>
  results
    .split(MARK)
    .map((piece, at) => (at % 2 === 0 ? piece : writtenPercentiles(sessionsIn(piece), percents)))
    .join('')

function sessionsIn(piece: string): Weighted[] {
  const [lengths, rates] = JSON.parse(piece) as [number[], number[]]
  return lengths.map((value, at) => ({ value, weight: 1 / rates[at]! }))
}

/** As they stand in a result, in seconds, behind a comma; nothing where none are asked for. */
export function writtenPercentiles(sessions: readonly Weighted[], percents: readonly number[]): string {
  const values = weightedPercentiles(sessions, percents)
  return written(percents, (at) => `${seconds(values[at]!)}`)
}

const written = (percents: readonly number[], valueAt: (at: number) => string) =>
  percents.length === 0 ? '' : `,"percentiles":{${percents.map((percent, at) => `"${percent}":${valueAt(at)}`).join()}}`

export const seconds = (ms: number) => Math.round(ms) / 1000

/** Person by person: of each session how long a clock ran on the pages that are asked for. */
export async function clocksOnPages(
  store: Store,
  request: SessionDurationRequest,
  clock: 'visibleMs' | 'engagedMs' | 'totalMs',
): Promise<Map<string, Weighted[]>> {
  const bySession = new Map<string, PagesRow[]>()
  for (const row of await store.read<PagesRow>(pagesOfSessions(request), parametersOf(request))) {
    addUnder(bySession, row.session_id, row)
  }
  const people = new Map<string, Weighted[]>()
  for (const views of bySession.values()) {
    const { person, sampling_rate } = views[0]!
    addUnder(people, person, { value: measureSession(views.map(receivedView))[clock], weight: 1 / sampling_rate })
  }
  return people
}

function addUnder<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

function parametersOf({ site, page, start_date, end_date, timezone }: SessionDurationRequest): Parameters {
  return {
    ...daysAsInstants(start_date, end_date, timezone),
    ...(site !== undefined && { site }),
    ...(page !== undefined && pagePattern('page', page)),
  }
}

interface PagesRow extends ViewRow {
  session_id: string
  person: string
  sampling_rate: number
}

const LENGTH_COLUMNS = {
  session: 'duration_ms',
  visible: 'visible_ms',
  engaged: 'engaged_ms',
  total: 'total_ms',
} as const

/**
 * Written where they are read: not to be read and written once more for very many users. Most came once, and are their own
 * percentiles; of the others the sessions are told.
 */
const results = (request: SessionDurationRequest, part: People) =>
  question((dialect) => {
    const length = LENGTH_COLUMNS[request.metric]
    const sessions = `'[' || ${dialect.valuesOf(length)} || ',' || ${dialect.valuesOf('sampling_rate')} || ']'`
    const [several, percentiles] =
      request.percentiles.length === 0
        ? ['NULL', "''"]
        : [
            `CASE WHEN count(*) > 1 THEN char(1) || ${sessions} || char(1) END`,
            `coalesce(several, replace(:ofOneSession, '?', average))`,
          ]
    return `
    SELECT ${dialect.joined(`
      '{"user_id":' || CASE WHEN person = '' THEN 'null' ELSE ${dialect.quoted('person')} END ||
      ',"average_duration":' || average || ${percentiles} || '}'`)} AS results
    FROM (
      SELECT person, CAST(CASE WHEN ms % 1000 = 0 THEN ms / 1000 ELSE ms / 1000.0 END AS TEXT) AS average, several
      FROM (
        SELECT person, CAST(floor(sum(${length} * weight) / sum(weight) + 0.5) AS BIGINT) AS ms, ${several} AS several
        ${fromSessions(request, part, dialect)}
        GROUP BY person
        ORDER BY person
      ) AS measured
    ) AS by_person`
  })

function fromSessions(request: SessionDurationRequest, { condition }: People, dialect: Dialect): string {
  const onPage = [...AROUND, dialect.matchesPage('views.path', 'page')].join(' AND ')
  return `
      FROM ${dialect.sessionsWith('started_at >= :from AND started_at < :to')}
      WHERE ${whichSessions(request)} AND ${condition}
        ${request.page === undefined ? '' : `AND ${dialect.hasViews(onPage, 'many')}`}`
}

const pagesOfSessions = (request: SessionDurationRequest) =>
  question(
    (dialect) => `
    SELECT sessions.session_id AS session_id, person, sampling_rate, ${VIEW_COLUMNS}
    FROM ${dialect.sessionsWith('started_at >= :from AND started_at < :to')} JOIN views ON views.session_id = sessions.session_id
    WHERE ${whichSessions(request)}
      AND ${dialect.matchesPage('views.path', 'page')}
    ORDER BY person, sessions.session_id, views.view_id`,
  )

const whichSessions = ({ site, anonymous }: SessionDurationRequest) => `sessions.started_at >= :from
      AND sessions.started_at < :to
      ${site === undefined ? '' : 'AND sessions.site = :site'}
      ${anonymous ? '' : "AND person <> ''"}`
