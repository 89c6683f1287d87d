import { setImmediate } from 'node:timers/promises'
import { question } from '../store/question.ts'
import type { Rollup, Store } from '../store/store.ts'
import { type Range, sessionsIn, viewsIn } from './items.ts'
import { SESSIONS, VIEWS } from './subject.ts'
import { createTallier, LEVELS, type Span } from './tallier.ts'
import { addInto, emptyTally, type Tally, type WrittenTally } from './tally.ts'
import { DAY_MS, FOUR_WEEKS_MS, floorTo, HOUR_MS, hasLevel, QUARTER_MS, SIX_HOURS_MS, WEEK_MS } from './tiers.ts'

/** A record is at most 7 days late, so this old a quarter of an hour does not change any more. A day is for us. */
export const SETTLED_AFTER_MS = 8 * DAY_MS

/** How many views are read at once, for each session that the store deletes at once: some MB. */
const VIEWS_OF_PORTION = 10

/** After so many views or sessions others have their turn: some ms. */
const ITEMS_PER_TURN = 200

/** Made of others: of which, and how much at once. */
const SUMS = [
  { spanMs: HOUR_MS, ofMs: QUARTER_MS, atOnceMs: WEEK_MS },
  { spanMs: SIX_HOURS_MS, ofMs: HOUR_MS, atOnceMs: WEEK_MS },
  { spanMs: WEEK_MS, ofMs: DAY_MS, atOnceMs: WEEK_MS },
  { spanMs: FOUR_WEEKS_MS, ofMs: WEEK_MS, atOnceMs: FOUR_WEEKS_MS },
] as const

/** Before this everything is in roll-ups of every length that rows are needed for. */
export async function rolledUpTo(store: Store): Promise<number> {
  const done = await store.rolledUpTo()
  return Math.min(done.get(QUARTER_MS) ?? 0, done.get(DAY_MS) ?? 0)
}

/** Rolls up the next stretches that cannot change any more; answers whether there may be more. */
export async function rollUp(store: Store, now: number): Promise<boolean> {
  let isMore = await rollUpRows(store, now)
  for (const sum of SUMS) if (await rollUpSums(store, sum)) isMore = true
  return isMore
}

/** Whole days, and quarters of an hour with them; when there is no whole day, what has settled of the next one. */
async function rollUpRows(store: Store, now: number): Promise<boolean> {
  const settledTo = floorTo(now - SETTLED_AFTER_MS, QUARTER_MS)
  const settledDay = floorTo(settledTo, DAY_MS)
  const rolledUp = await store.rolledUpTo()
  const [quartersTo = 0, daysTo = 0] = [rolledUp.get(QUARTER_MS), rolledUp.get(DAY_MS)]
  const isOfDays = daysTo < settledDay
  const [done, end, unitMs] = isOfDays ? [daysTo, settledDay, DAY_MS] : [quartersTo, settledTo, QUARTER_MS]
  if (done >= end) return false

  const from = Math.min(end, Math.max(done, floorTo(await oldest(store, done, end), unitMs)))
  const enough = from < end ? await endOfLook(store, { from, to: Math.min(end, from + FOUR_WEEKS_MS) }) : end
  const to = Math.min(end, Math.max(from + unitMs, floorTo(enough, unitMs)))
  const spans: Span[] = [{ spanMs: QUARTER_MS, from: Math.max(quartersTo, from) }]
  if (isOfDays) spans.push({ spanMs: DAY_MS, from })
  const rollups = await tallied(store, { from, to }, spans)
  for (const span of spans) await store.saveRollups({ ...span, upTo: to, rows: rollups(span.spanMs) })
  return to < settledTo
}

/** The beginning of the oldest view or session that is not rolled up; nothing happened before it. */
async function oldest(store: Store, done: number, end: number): Promise<number> {
  const [row] = await store.read<{ view_at: number | null; session_at: number | null }>(OLDEST, { done, end })
  return Math.min(row!.view_at ?? Number.MAX_SAFE_INTEGER, row!.session_at ?? Number.MAX_SAFE_INTEGER)
}

const OLDEST = question(
  ({ loosely, sessionVersions }) => `
    SELECT (SELECT min(began_at) FROM views WHERE began_at >= :done AND began_at < :end ${loosely}) AS view_at,
           (SELECT min(started_at) FROM ${sessionVersions}
             WHERE started_at >= :done AND started_at < :end) AS session_at`,
)

/** When so many views have begun that a look is full, but not after its longest. */
async function endOfLook(store: Store, { from, to }: Range): Promise<number> {
  const [row] = await store.read<{ began_at: number }>(LAST_OF_LOOK, {
    ...{ from, to, amount: store.portion * VIEWS_OF_PORTION },
  })
  return row?.began_at ?? to
}

const LAST_OF_LOOK = question(
  ({ loosely }) => `
    SELECT began_at FROM views WHERE began_at >= :from AND began_at < :to
    ORDER BY began_at LIMIT 1 OFFSET :amount ${loosely}`,
)

/** What began in the range, as roll-ups of each length. Read in slices: a day may be more than fits. */
export async function tallied(
  store: Store,
  range: Range,
  spans: readonly Span[],
): Promise<(spanMs: number) => Rollup[]> {
  const views = createTallier(VIEWS.parts, spans)
  const sessions = createTallier(SESSIONS.parts, spans)
  for (let { from } = range; from < range.to; ) {
    const to = Math.max(from + 1, await endOfLook(store, { from, to: range.to }))
    await eachInTurn(await viewsIn(store, { from, to }), views.add)
    await eachInTurn(await sessionsIn(store, { from, to }), sessions.add)
    from = to
  }
  return (spanMs) => [...views.rollups(spanMs), ...sessions.rollups(spanMs)]
}

async function eachInTurn<Item>(items: readonly Item[], run: (item: Item) => void): Promise<void> {
  for (const [at, item] of items.entries()) {
    run(item)
    if (at % ITEMS_PER_TURN === ITEMS_PER_TURN - 1) await setImmediate()
  }
}

/** Some stretches, when everything that they are made of is there; answers whether there may be more. */
async function rollUpSums(store: Store, { spanMs, ofMs, atOnceMs }: (typeof SUMS)[number]): Promise<boolean> {
  const rolledUp = await store.rolledUpTo()
  const [madeTo = 0, done = 0] = [rolledUp.get(ofMs), rolledUp.get(spanMs)]
  if (floorTo(madeTo, spanMs) <= done) return false
  const [first] = await store.read<{ begins: number | null }>(FIRST, { ofMs, done, madeTo })
  const from = Math.max(done, floorTo(first?.begins ?? madeTo, spanMs))
  const upTo = Math.min(floorTo(from, atOnceMs) + atOnceMs, floorTo(madeTo, spanMs))
  if (upTo <= from) return false
  await store.saveRollups({ spanMs, from, upTo, rows: await sumsOf(store, { spanMs, ofMs, from, upTo }) })
  return true
}

const FIRST = question(
  ({ rollups, whereKey }) => `
    SELECT min(begins_at) AS begins FROM ${rollups}
    ${whereKey} shelf IN ('view', 'session') AND level = 'site' AND span_ms = :ofMs AND begins_at >= :done
      AND begins_at < :madeTo`,
)

interface Wanted {
  spanMs: number
  ofMs: number
  from: number
  upTo: number
}

async function sumsOf(store: Store, { spanMs, ...wanted }: Wanted): Promise<Rollup[]> {
  const sums = new Map<string, Omit<SumRow, 'tally' | 'begins_at'> & { at: number; sum: Tally }>()
  const levels = JSON.stringify(LEVELS.filter((level) => hasLevel(spanMs, level)))
  const rows = await store.read<SumRow>(MADE, { ...wanted, levels })
  await eachInTurn(rows, ({ tally, begins_at, ...key }) => {
    const at = floorTo(begins_at, spanMs)
    const id = JSON.stringify([at, ...Object.values(key)])
    const known = sums.get(id) ?? { ...key, at, sum: emptyTally() }
    sums.set(id, known)
    addInto(known.sum, JSON.parse(tally) as WrittenTally)
  })
  return [...sums.values()].map(
    ({ shelf, level, at, site, path, page_group: pageGroup, device, is_bot: isBot, sum }): Rollup => ({
      ...{ shelf, level, at, site, path, pageGroup, device, isBot },
      tally: JSON.stringify(sum),
    }),
  )
}

interface SumRow extends Pick<Rollup, 'shelf' | 'level' | 'site' | 'path' | 'device' | 'tally'> {
  begins_at: number
  page_group: string
  is_bot: number
}

const MADE = question(
  ({ rollups, whereKey, isIn }) => `
    SELECT shelf, level, begins_at, site, path, page_group, device, is_bot, tally
    FROM ${rollups}
    ${whereKey} shelf IN ('view', 'path', 'session', 'campaign', 'referrer', 'door')
      AND ${isIn('level', 'levels')} AND span_ms = :ofMs
      AND begins_at >= :from AND begins_at < :upTo`,
)
