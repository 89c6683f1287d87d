import { measureSession } from '../sessions/session.ts'
import { type Dialect, pagePattern, question, questionOfEach } from '../store/question.ts'
import type { Parameters, Store } from '../store/store.ts'
import { receivedView, VIEW_COLUMNS, type ViewRow } from '../store/view-row.ts'
import { daysAsInstants } from './calendar.ts'
import { AROUND } from './filter.ts'
import type { SessionDurationRequest } from './session-duration.ts'

/** What stores are asked about the durations of sessions, person by person. */

/** Person by person; of each session, at the same place: whose, its sampling rate, its ms. There may be very many. */
export interface MeasuredSessions {
  people: string[]
  rates: number[]
  lengths: number[]
}

/** Some of the people, as a condition on sessions and its parameter. */
interface Part {
  condition: string
  parameters: Parameters
}

/** Undivided only if few. SQLite takes longest to sort by person, and two processes read: each takes half of the people. */
export async function partsOfPeople(store: Store, request: SessionDurationRequest): Promise<Part[]> {
  const [middle] = await store.read<{ person: string }>(middlePerson(request), parametersOf(request))
  if (!middle) return [{ condition: '1 = 1', parameters: {} }]
  const parameters = { middle: middle.person }
  return ['person < :middle', 'person >= :middle'].map((condition) => ({ condition, parameters }))
}

export async function averagesOf(store: Store, request: SessionDurationRequest, part: Part): Promise<string> {
  const parameters = { ...parametersOf(request), ...part.parameters }
  const [row] = await store.read<{ results: string | null }>(averages(request, part), parameters)
  return row!.results ?? ''
}

export async function wholeSessions(
  store: Store,
  request: SessionDurationRequest,
  part: Part,
): Promise<MeasuredSessions> {
  const parameters = { ...parametersOf(request), ...part.parameters }
  const [row] = await store.read<Record<keyof MeasuredSessions, string>>(everySession(request, part), parameters)
  const { people, rates, lengths } = row!
  return { people: JSON.parse(people), rates: JSON.parse(rates), lengths: JSON.parse(lengths) }
}

export async function clocksOnPages(
  store: Store,
  request: SessionDurationRequest,
  clock: 'visibleMs' | 'engagedMs' | 'totalMs',
): Promise<MeasuredSessions> {
  const bySession = new Map<string, { session: PagesRow; views: PagesRow[] }>()
  for (const row of await store.read<PagesRow>(pagesOfSessions(request), parametersOf(request))) {
    const entry = bySession.get(row.session_id) ?? { session: row, views: [] }
    entry.views.push(row)
    bySession.set(row.session_id, entry)
  }
  const sessions = [...bySession.values()]
  return {
    people: sessions.map(({ session }) => session.person),
    rates: sessions.map(({ session }) => session.sampling_rate),
    lengths: sessions.map(({ views }) => measureSession(views.map(receivedView))[clock]),
  }
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

/** So many sessions tell how people are named; of fewer it is no use to ask for halves. */
const ENOUGH = 10_000

/** Who is in the middle of all people, more or less. ClickHouse sorts in many threads as it is. */
const middlePerson = (request: SessionDurationRequest) =>
  questionOfEach({
    sqlite: () => `
      SELECT person FROM (
        SELECT person FROM sessions WHERE ${whichSessions(request)} AND started_at < (:from + :to) / 2
        ORDER BY started_at DESC LIMIT ${ENOUGH}
      ) ORDER BY person LIMIT 1 OFFSET ${ENOUGH / 2}`,
    clickhouse: () => `SELECT '' AS person WHERE 1 = 0`,
  })

/** Written where they are read: not to be read and written once more for very many users. */
const averages = (request: SessionDurationRequest, part: Part) =>
  question(
    (dialect) => `
    SELECT ${dialect.joined(`
      '{"user_id":' || CASE WHEN person = '' THEN 'null' ELSE ${dialect.quoted('person')} END ||
      ',"average_duration":' || CAST(CASE WHEN ms % 1000 = 0 THEN ms / 1000 ELSE ms / 1000.0 END AS TEXT) || '}'`)} AS results
    FROM (
      SELECT person, CAST(floor(sum(${LENGTH_COLUMNS[request.metric]} * weight) / sum(weight) + 0.5) AS BIGINT) AS ms
      ${fromSessions(request, part, dialect)}
      GROUP BY person
      ORDER BY person
    ) AS by_person`,
  )

const everySession = (request: SessionDurationRequest, part: Part) =>
  question(
    (dialect) => `
    SELECT ${dialect.valuesOf('person')} AS people, ${dialect.valuesOf('sampling_rate')} AS rates,
           ${dialect.valuesOf('ms')} AS lengths
    FROM (
      SELECT person, sampling_rate, ${LENGTH_COLUMNS[request.metric]} AS ms
      ${fromSessions(request, part, dialect)}
      ORDER BY person
    ) AS by_person`,
  )

function fromSessions(request: SessionDurationRequest, { condition }: Part, dialect: Dialect): string {
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
