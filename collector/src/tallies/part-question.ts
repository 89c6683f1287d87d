import { type Dialect, questionOfEach } from '../store/question.ts'
import type { Question } from '../store/store.ts'
import type { Asked, Part } from './part.ts'

/** Which rows of `views` or `sessions`, and by what all sums are told apart. */
export interface Rows {
  table: 'views' | 'sessions'
  /** Where those rows are, maybe among more; stands for the table. */
  near: (dialect: Dialect) => string
  key: string
  where: (dialect: Dialect) => string
  /** The same, and the other views of their sessions; undefined: these do not matter. */
  whereSessions: ((dialect: Dialect) => string) | undefined
  /** The parameter that lists the keys wanted; undefined: all. */
  keysIn: string | undefined
  /** To find them takes longest. */
  areHardToFind: boolean
}

/** What a part is answered: the key, what it told apart, its sums. */
type Answer = Record<string, string | number> & { key: string }

/** What parts ask of the same rows, in one question: its only row has a list of answers for each of them. */
export function questionOf(parts: readonly Part[], rows: Rows) {
  let names: string[][] = []
  const question: Question = questionOfEach({
    sqlite: (dialect) => {
      const each = parts.map((part) => part.asked(dialect))
      names = each.map(({ by, sums }) => ['key', ...Object.keys(by), ...Object.keys(sums)])
      const lists = (of: Rows) => each.map((asked, at) => `(${apart(asked, of, dialect)}) AS ${listName(at)}`)
      if (!rows.areHardToFind) return `SELECT ${lists(rows)}`
      return `
        WITH found AS MATERIALIZED (SELECT * FROM ${rows.near(dialect)} WHERE ${rows.where(dialect)})
        SELECT ${lists({ ...rows, near: () => `found AS ${rows.table}`, where: () => '1 = 1' })}`
    },
    clickhouse: (dialect) =>
      together(
        parts.map((part) => part.asked(dialect)),
        rows,
        dialect,
      ),
  })
  /** One after the other in the same object: there may be as many as rows. */
  function* answersOf(row: Record<string, string | null>, at: number): Generator<Answer> {
    const lists = JSON.parse(row[listName(at)] ?? '[]') as (string | number)[][] | null
    const [answer, columns] = [{} as Answer, names[at]!]
    for (const values of lists ?? []) {
      for (let n = 0; n < columns.length; n++) answer[columns[n]!] = values[n]!
      yield answer
    }
  }
  return { question, answersOf }
}

const listName = (part: number) => `part_${part}`
const aliased = (columns: Record<string, string>) => Object.entries(columns).map(([name, of]) => `${of} AS ${name}`)
const summed = (names: readonly string[]) => names.map((name) => `sum(${name}) AS ${name}`)
const flag = (condition: string, name: string) => `CASE WHEN ${condition} THEN 1 ELSE 0 END AS ${name}`

/** From where rows are taken, and what then still has to be true of them. */
function sourceOf({ isOfSessions, each }: Pick<Asked, 'isOfSessions' | 'each'>, rows: Rows, dialect: Dialect) {
  const where = rows.where(dialect)
  const whole = isOfSessions && rows.whereSessions?.(dialect)
  return {
    from: `FROM ${whole ? rows.table : rows.near(dialect)}${each === undefined ? '' : dialect.eachOf(each)} WHERE ${whole || where}`,
    flags: whole ? [flag(where, 'is_asked')] : [],
    still: [...(whole ? ['is_asked = 1'] : []), ...(rows.keysIn ? [dialect.isIn('key', rows.keysIn)] : [])],
  }
}

const behind = (conditions: readonly string[]) => (conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '')

/** One part by itself: an index may have all of it. */
function apart(asked: Asked, rows: Rows, dialect: Dialect): string {
  const { by, sums, only } = asked
  const { from, flags, still } = sourceOf(asked, rows, dialect)
  const keys = ['key', ...Object.keys(by)]
  const names = Object.keys(sums)
  const columns = [`${rows.key} AS key`, ...aliased(by), ...aliased(sums), ...flags]
  return `
    SELECT ${dialect.listOf([...keys, ...names])}
    FROM (
      SELECT ${[...keys, ...summed(names)]}
      FROM (SELECT ${[...columns, ...(only ? [flag(only, 'is_counted')] : [])]} ${from}) AS asked_rows
      ${behind([...still, ...(only ? ['is_counted = 1'] : [])])}
      GROUP BY ${keys}
    ) AS answers`
}

/** All parts in one pass over the rows, in which each tells apart what it wants to. */
function together(parts: readonly Asked[], rows: Rows, dialect: Dialect): string {
  const named = new Map<string, string>()
  const nameOf = (expression: string, prefix: string) => {
    const name = named.get(expression) ?? `${prefix}_${named.size}`
    named.set(expression, name)
    return name
  }
  const sets = new Map<string, { keys: string[]; place: string }>()
  const lists = parts.map((asked, at) => {
    if (asked.each !== undefined) return `(${apart(asked, rows, dialect)}) AS ${listName(at)}`
    const by = Object.values(asked.by).map((of) => nameOf(of, 'by'))
    const set = sets.get(`${by}`) ?? { keys: ['key', ...by], place: `${sets.size}` }
    sets.set(`${by}`, set)
    const sums = Object.values(asked.sums).map((of) =>
      nameOf(asked.only ? `CASE WHEN ${asked.only} THEN ${of} ELSE 0 END` : of, 'sum'),
    )
    return `${dialect.listOf([...set.keys, ...sums], `place = ${set.place}`)} AS ${listName(at)}`
  })
  if (sets.size === 0) return `SELECT ${lists}`

  const isOfSessions = parts.some((asked) => asked.isOfSessions)
  const { from, flags, still } = sourceOf({ ...(isOfSessions && { isOfSessions }) }, rows, dialect)
  const columns = [...named].map(([of, name]) => `${of} AS ${name}`)
  const [by, sums] = ['by', 'sum'].map((prefix) => [...named.values()].filter((name) => name.startsWith(`${prefix}_`)))
  return `
    SELECT ${lists}
    FROM (
      SELECT ${['key', ...by!, ...summed(sums!)]}, ${placeOf([...sets.values()])} AS place
      FROM (SELECT ${[`${rows.key} AS key`, ...columns, ...flags]} ${from}) AS asked_rows
      ${behind(still)}
      GROUP BY GROUPING SETS (${[...sets.values()].map(({ keys }) => `(${keys})`)})
    ) AS answers`
}

/** Of which set an answer is: of the one that tells most apart of what this answer does. */
function placeOf(sets: readonly { keys: readonly string[]; place: string }[]): string {
  const inOrder = [...sets].sort((a, b) => b.keys.length - a.keys.length)
  const last = inOrder.pop()!
  const cases = inOrder.map(({ keys, place }) => {
    const all = keys.slice(1).map((key) => `grouping(${key}) = 0`)
    return `WHEN ${all.join(' AND ')} THEN ${place}`
  })
  return cases.length > 0 ? `CASE ${cases.join(' ')} ELSE ${last.place} END` : last.place
}
