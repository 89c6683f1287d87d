import { question } from '../store/question.ts'
import type { Level, Rollup, Store } from '../store/store.ts'
import { SESSIONS, type Subject, VIEWS } from './subject.ts'
import { addInto, type Tally } from './tally.ts'
import { DAY_MS, FOUR_WEEKS_MS, floorTo, QUARTER_MS } from './tiers.ts'

/** A record is at most 7 days late, so this old a quarter of an hour does not change any more. A day is for us. */
const SETTLED_AFTER_MS = 8 * DAY_MS

/** How many views are rolled up in one look: some ms in which nobody else is served. A stretch is never split. */
const VIEWS_PER_LOOK = 5_000

/** From rows; the four weeks are made of days. `longestMs`: of one look, however little happened. */
const FROM_ROWS = [
  { spanMs: QUARTER_MS, longestMs: DAY_MS },
  { spanMs: DAY_MS, longestMs: FOUR_WEEKS_MS },
] as const

/** What a level does not tell apart is empty. */
const TOLD_APART: Record<Level, { pages: boolean; devices: boolean }> = {
  site: { pages: false, devices: false },
  device: { pages: false, devices: true },
  page: { pages: true, devices: false },
  'page-device': { pages: true, devices: true },
}

/** Before this everything is in roll-ups of every length that rows are needed for. */
export const rolledUpTo = async (store: Store): Promise<number> =>
  Math.min(...(await Promise.all(FROM_ROWS.map(({ spanMs }) => store.rolledUpTo(spanMs)))))

/** Rolls up the next stretches that cannot change any more; answers whether there may be more. */
export async function rollUp(store: Store, now: number): Promise<boolean> {
  let isMore = false
  for (const tier of FROM_ROWS) if (await rollUpRows(store, now, tier)) isMore = true
  if (await rollUpDays(store)) isMore = true
  return isMore
}

async function rollUpRows(store: Store, now: number, tier: (typeof FROM_ROWS)[number]): Promise<boolean> {
  const { spanMs, longestMs } = tier
  const settledTo = floorTo(now - SETTLED_AFTER_MS, spanMs)
  const done = await store.rolledUpTo(spanMs)
  const from = Math.max(done, floorTo(await oldest(store, done), spanMs))
  if (from >= settledTo) {
    if (settledTo > done) await store.saveRollups({ spanMs, upTo: settledTo, rows: [] })
    return false
  }
  const enough = await endOfLook(store, from, from + longestMs)
  const upTo = Math.min(settledTo, Math.max(from + spanMs, floorTo(enough, spanMs)))
  const range = { from, to: upTo, spanMs }
  const rows = [...(await tallied(store, VIEWS, range)), ...(await tallied(store, SESSIONS, range))]
  await store.saveRollups({ spanMs, upTo, rows })
  return upTo < settledTo
}

/** The beginning of the oldest view or session that is not rolled up; nothing happened before it. */
async function oldest(store: Store, done: number): Promise<number> {
  const [row] = await store.read<{ view_at: number | null; session_at: number | null }>(OLDEST, { done })
  return Math.min(row!.view_at ?? Number.MAX_SAFE_INTEGER, row!.session_at ?? Number.MAX_SAFE_INTEGER)
}

const OLDEST = question(
  () => `
    SELECT (SELECT min(began_at) FROM views WHERE began_at >= :done) AS view_at,
           (SELECT min(started_at) FROM sessions WHERE started_at >= :done) AS session_at`,
)

/** When so many views have begun that a look is full, but not after `longest`. */
async function endOfLook(store: Store, from: number, longest: number): Promise<number> {
  const [row] = await store.read<{ began_at: number }>(LAST_OF_LOOK, { from, longest, amount: VIEWS_PER_LOOK })
  return row?.began_at ?? longest
}

const LAST_OF_LOOK = question(
  () => `
    SELECT began_at FROM views WHERE began_at >= :from AND began_at < :longest
    ORDER BY began_at LIMIT 1 OFFSET :amount`,
)

type Range = { from: number; to: number; spanMs: number }

/** The key of a roll-up as it is read. */
interface KeyRow {
  begins: number
  site: string
  path_key: string
  group_key: string
  device: string
  is_bot: number
}

/** Asks every part of the rows that began in the range, and tallies the answers on every level. */
async function tallied(store: Store, subject: Subject, range: Range): Promise<Rollup[]> {
  const { beganAt, table, keys } = subject
  const where = `${beganAt} >= :from AND ${beganAt} < :to`
  const rows = { where, whereSessions: `session_id IN (SELECT session_id FROM ${table} WHERE ${where})` }
  const columns = `${beganAt} - ${beganAt} % :spanMs AS begins, ${keys.site}, ${keys.path} AS path_key,
      ${keys.page_group} AS group_key, ${keys.device}, ${keys.is_bot}`
  const names = 'begins, site, path_key, group_key, device, is_bot'
  const tallies = createTallies(subject)
  for (const part of Object.values(subject.parts)) {
    const asked = question((dialect) => part.sql(dialect, { columns, names }, rows))
    for (const row of await store.read<KeyRow>(asked, range)) {
      for (const tally of tallies.of(row)) part.add(tally, row)
    }
  }
  return tallies.rollups()
}

/** The tallies of every level of a key, made when they are first needed. */
function createTallies(subject: Pick<Subject, 'name' | 'levels'>) {
  const tallies = new Map<string, Omit<Rollup, 'tally'> & { tally: Tally }>()

  function of({ begins, site, path_key, group_key, device, is_bot }: KeyRow): Tally[] {
    return subject.levels.map((level) => {
      const { pages, devices } = TOLD_APART[level]
      const [path, pageGroup] = pages ? [path_key, group_key] : ['', '']
      const [deviceOrNone, isBot] = devices ? [device, is_bot] : ['', 0]
      const key = JSON.stringify([level, begins, site, path, pageGroup, deviceOrNone, isBot])
      const known = tallies.get(key)
      if (known) return known.tally
      const tally: Tally = Object.create(null)
      const rollup = { subject: subject.name, level, at: begins, site, path, pageGroup, device: deviceOrNone, isBot }
      tallies.set(key, { ...rollup, tally })
      return tally
    })
  }

  return {
    of,
    rollups: () => [...tallies.values()].map((rollup) => ({ ...rollup, tally: JSON.stringify(rollup.tally) })),
  }
}

/** Four weeks at a time, when all their days are there. */
async function rollUpDays(store: Store): Promise<boolean> {
  const daysTo = await store.rolledUpTo(DAY_MS)
  const done = await store.rolledUpTo(FOUR_WEEKS_MS)
  const [first] = await store.read<{ begins: number | null }>(OLDEST_DAY, { day: DAY_MS, done })
  const from = Math.max(done, floorTo(first?.begins ?? daysTo, FOUR_WEEKS_MS))
  const upTo = from + FOUR_WEEKS_MS
  if (upTo > daysTo) return false
  const sums = new Map<string, Omit<DayRow, 'tally'> & { sum: Tally }>()
  for (const { tally, ...key } of await store.read<DayRow>(DAYS, { day: DAY_MS, from, to: upTo })) {
    const id = JSON.stringify(Object.values(key))
    const known = sums.get(id) ?? { ...key, sum: Object.create(null) as Tally }
    sums.set(id, known)
    addInto(known.sum, JSON.parse(tally) as Tally)
  }
  const rows = [...sums.values()].map(
    ({ subject, level, site, path, page_group: pageGroup, device, is_bot: isBot, sum }): Rollup => ({
      ...{ subject, level, at: from, site, path, pageGroup, device, isBot },
      tally: JSON.stringify(sum),
    }),
  )
  await store.saveRollups({ spanMs: FOUR_WEEKS_MS, upTo, rows })
  return true
}

interface DayRow extends Pick<Rollup, 'subject' | 'level' | 'site' | 'path' | 'device' | 'tally'> {
  page_group: string
  is_bot: number
}

const OLDEST_DAY = question(
  () => `
    SELECT min(begins_at) AS begins FROM rollups
    WHERE subject IN ('view', 'session') AND level = 'site' AND span_ms = :day AND begins_at >= :done`,
)

const DAYS = question(
  () => `
    SELECT subject, level, site, path, page_group, device, is_bot, tally
    FROM rollups
    WHERE span_ms = :day AND begins_at >= :from AND begins_at < :to
      AND subject IN ('view', 'session') AND level IN ('site', 'device', 'page', 'page-device')`,
)
