/**
 * Numbers by length or by name, where there may be many. Written as `[key, number, key, number, …]`, in order: an object
 * with numbers for names has room for all below them, too.
 */
export class Bins<Key extends number | string = number | string> extends Map<Key, number> {
  add(key: Key, value: number): void {
    this.set(key, (this.get(key) ?? 0) + value)
  }

  toJSON(): (number | string)[] {
    const pairs: (number | string)[] = []
    const keys = [...this.keys()]
    if (keys.length > 1) keys.sort((a, b) => (a < b ? -1 : 1))
    for (const key of keys) pairs.push(key, this.get(key)!)
    return pairs
  }
}

/** Numbers under names, to any depth. What two stretches of time say together is their sum, name by name. */
export interface Tally {
  [name: string]: number | Bins | Tally
}

/** A tally as it was written, or as a store has added it up. */
export interface WrittenTally {
  [name: string]: number | (number | string)[] | Columns | WrittenTally
}

/** Bins as a store answers what it has added up. */
type Columns = [keys: (number | string)[], numbers: number[]]

/** Without anything inherited: a name that every object has is a name like others. (`Object.create(null)` is slow.) */
class Empty {
  [name: string]: number | Bins | Tally
}
Object.setPrototypeOf(Empty.prototype, null)
Reflect.deleteProperty(Empty.prototype, 'constructor')

/** To add to. */
export const emptyTally = (): Tally => new Empty()

export function addInto(sum: Tally, part: Tally | WrittenTally): void {
  for (const name in part) {
    const value = part[name]!
    if (typeof value === 'number') addNumber(sum, name, value)
    else if (isInColumns(value)) addColumns(binsIn(sum, name), value)
    else if (Array.isArray(value)) addPairs(binsIn(sum, name), value)
    else if (value instanceof Bins) for (const [key, number] of value) binsIn(sum, name).add(key, number)
    else addInto(within(sum, name), value as Tally)
  }
}

const isInColumns = (value: Tally[string] | WrittenTally[string]): value is Columns =>
  Array.isArray(value) && Array.isArray(value[0])

function addColumns(bins: Bins, [keys, numbers]: Columns): void {
  for (let at = 0; at < keys.length; at++) bins.add(keys[at]!, numbers[at]!)
}

function addPairs(bins: Bins, pairs: readonly (number | string)[]): void {
  for (let at = 0; at < pairs.length; at += 2) bins.add(pairs[at]!, pairs[at + 1] as number)
}

/** Adds a number, unless it is 0: what is not there counts as 0. */
export function add(tally: Tally, name: string, value: number): void {
  if (value !== 0) addNumber(tally, name, value)
}

/** The same, for one of many. */
export function addTo(tally: Tally, name: string, key: number | string, value: number): void {
  if (value !== 0) binsIn(tally, name).add(key, value)
}

function addNumber(tally: Tally, name: string, value: number): void {
  const found = tally[name]
  tally[name] = typeof found === 'number' ? found + value : value
}

function binsIn(tally: Tally, name: string): Bins {
  const found = tally[name]
  if (found instanceof Bins) return found
  const made = new Bins()
  tally[name] = made
  return made
}

/** The tally of that name, empty if there was none. */
export function within(tally: Tally, name: string): Tally {
  const found = tally[name]
  if (typeof found === 'object' && !(found instanceof Bins)) return found
  const made = emptyTally()
  tally[name] = made
  return made
}

const found = (tally: Tally | undefined, name: string) =>
  tally && Object.hasOwn(tally, name) ? tally[name] : undefined

export function numberAt(tally: Tally | undefined, name: string): number {
  const value = found(tally, name)
  return typeof value === 'number' ? value : 0
}

export function tallyAt(tally: Tally | undefined, name: string): Tally {
  const value = found(tally, name)
  return typeof value === 'object' && !(value instanceof Bins) ? value : {}
}

/** By length (log buckets) or by name, as it was added. */
export function binsAt<Key extends number | string>(tally: Tally | undefined, name: string): Bins<Key> {
  const value = found(tally, name)
  return value instanceof Bins ? (value as Bins as Bins<Key>) : new Bins<Key>()
}

/** The tallies in it, each with its name. */
export const partsOf = (tally: Tally): [name: string, part: Tally][] =>
  Object.entries(tally).filter(
    (entry): entry is [string, Tally] => typeof entry[1] === 'object' && !(entry[1] instanceof Bins),
  )
