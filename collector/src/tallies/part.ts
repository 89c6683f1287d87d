import type { Dialect } from '../store/question.ts'
import type { Level, Shelf } from '../store/store.ts'
import { add, type Tally } from './tally.ts'

/** Expressions on a row of `views` or `sessions`, by name. */
type Columns = Record<string, string>

/** What a part asks of rows. */
export interface Asked {
  /** What is told apart. */
  by: Columns
  /** What is added up of all that is not told apart; a name is of one part only. */
  sums: Columns
  /** Which rows count, if not all. */
  only?: string
  /** It looks at the other views of the session, too: what a view was in its session needs them. */
  isOfSessions?: true
  /** Not of rows, but of each `item` of a column that is a JSON array. */
  each?: string
}

/** One aspect of views or sessions: what it asks of the rows, and how an answer goes into the tally of its keys. */
export interface Part {
  asked(dialect: Dialect): Asked
  // biome-ignore lint/suspicious/noExplicitAny: each part knows what it asked for
  add(tally: Tally, row: any): void
  /** The same for a single view or session. */
  // biome-ignore lint/suspicious/noExplicitAny: a part is of views or of sessions, and is only given its own
  addOne(tally: Tally, item: any): void
  /** Among which roll-ups it is kept: who asks for it reads these, whole. */
  shelf: Shelf
  /** On which levels roll-ups have it. */
  levels: readonly Level[]
  /** What it is in a tally, where ClickHouse can add that up by itself: it has columns for it. */
  columns?: { numbers?: readonly string[]; bins?: readonly string[] }
}

/** The usual one: sums of the rows as they are. */
export const summed = (by: Columns, sums: Columns, rest: Omit<Part, 'asked'>): Part => ({
  asked: () => ({ by, sums }),
  ...rest,
})

/** Under which name a tally, and a single view or session, has how often something is so. */
export const factName = (fact: string) => `fact_${fact}` as const

/** How many of each fact, which is the condition that counts. */
export function facts(conditions: Record<string, string>, { shelf, levels }: Pick<Part, 'shelf' | 'levels'>): Part {
  const names = Object.keys(conditions).map(factName)
  function addAll(tally: Tally, row: Record<string, number>): void {
    for (const name of names) add(tally, name, row[name]!)
  }
  return summed({}, factColumns(conditions), { add: addAll, addOne: addAll, shelf, levels })
}

/** 1 where it is so, else 0; by `factName`. */
export const factColumns = (conditions: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(conditions).map(([fact, condition]) => [factName(fact), `CASE WHEN ${condition} THEN 1 ELSE 0 END`]),
  )
