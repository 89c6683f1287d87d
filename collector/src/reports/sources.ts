import type { Dialect } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import { questionOf } from '../tallies/part-question.ts'
import type { Tally, WrittenTally } from '../tallies/tally.ts'
import { type Conditions, type Filter, isAboutPages } from './filter.ts'
import { type AskedOfRollups, pathsOf, questionOfRollups, type Stretch } from './rollup-question.ts'

/** What measures are made of: roll-ups, and rows where there are none. One question each, however much is asked. */

/** What is asked. */
export interface Asked extends AskedOfRollups {
  conditions: (filter: Filter, range: Pick<Filter, 'from' | 'to'>) => Conditions
}

interface MadeTally {
  key: string
  begins: number
  tally: WrittenTally
}

/** What is asked for: where the tally is empty, all else are what would be in it. */
interface RollupRow {
  key: string
  begins: number
  tally: string
  [name: string]: string | WrittenTally[string]
}

/**
 * The roll-ups of all pieces, of each shelf that has what is asked, each as it is wanted: all at once are much to hold.
 * Where nobody asks when they begin, the store may have added some up.
 */
export async function readRollups(
  store: Store,
  filter: Filter,
  asked: Asked,
  pieces: readonly Stretch[],
): Promise<Iterable<MadeTally>> {
  if (pieces.length === 0) return []
  const { question, parameters } = questionOfRollups(filter, asked, pieces)
  return parsed(await store.read<RollupRow>(question, parameters))
}

function* parsed(rows: readonly RollupRow[]): Generator<MadeTally> {
  for (const { key, begins, tally, ...sums } of rows) {
    yield { key, begins, tally: tally === '' ? (sums as WrittenTally) : JSON.parse(tally) }
  }
}

/** What the rows of a range say, into the tally of each key: an expression on them. */
export async function addRows(
  store: Store,
  filter: Filter,
  { subject, conditions, parts, by }: Asked,
  { key, ...range }: { key: string; from: number; to: number },
  tallyOf: (key: string) => Tally,
): Promise<void> {
  const { near, sql, parameters } = conditions(filter, range)
  const whereSessions = (dialect: Dialect) =>
    `session_id IN (SELECT session_id FROM ${near(dialect)} WHERE ${sql(dialect)})`
  const wanted = parts.map((name) => subject.parts[name]!)
  const { question, answersOf } = questionOf(wanted, {
    ...{ table: subject.table, near, key, where: sql },
    whereSessions: isAboutPages(filter) ? whereSessions : undefined,
    keysIn: by instanceof Set ? 'paths' : undefined,
    areHardToFind: subject.table === 'sessions' && isAboutPages(filter),
  })
  const [row] = await store.read<Record<string, string | null>>(question, { ...parameters, ...pathsOf(by) })
  for (const [at, part] of wanted.entries()) {
    for (const answer of answersOf(row!, at)) part.add(tallyOf(answer.key), answer)
  }
}
