/** By a column as in the address: `-views` is the largest first. What is not there is no order. */
export function sortRows<Row>(
  rows: readonly Row[],
  sort: string,
  sorts: Readonly<Record<string, (row: Row) => number | string>>,
): Row[] {
  const isDescending = sort.startsWith('-')
  const name = isDescending ? sort.slice(1) : sort
  const by = Object.hasOwn(sorts, name) ? sorts[name] : undefined
  if (!by) return [...rows]
  const ascending = rows.toSorted((a, b) => compare(by(a), by(b)))
  return isDescending ? ascending.reverse() : ascending
}

const compare = (a: number | string, b: number | string) =>
  typeof a === 'string' ? a.localeCompare(String(b), 'en') : a - Number(b)
