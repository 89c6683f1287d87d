import { usePlace } from './use-address.ts'

const PER_PORTION = 25

/** Which rows of a long table are shown, by which of the columns that the collector sorts by: as the address says. */
export function usePortion<Sort extends string>(sorts: readonly [Sort, ...Sort[]]) {
  const { address, go } = usePlace()
  const { sort = `-${sorts[0]}` } = address
  const isDescending = sort.startsWith('-')
  const from = (address.portion - 1) * PER_PORTION
  return {
    /** From 0. */
    from,
    asked: {
      sort: sorts.find((each) => each === sort.slice(Number(isDescending))) ?? sorts[0],
      order: isDescending ? ('desc' as const) : ('asc' as const),
      limit: String(PER_PORTION + 1), // one more tells whether there are more
      offset: String(from),
    },
    shownOf: <Row>(rows: readonly Row[]): readonly Row[] => rows.slice(0, PER_PORTION),
    hasMore: (rows: readonly unknown[]): boolean => rows.length > PER_PORTION,
    /** Of the table. */
    sorting: { sort, onSort: (next: string) => go({ ...address, sort: next, portion: 1 }) },
  }
}

/** Of a file to keep: from the first one on. */
export const fromFirst = <Asked extends object>(asked: Asked) => ({ ...asked, limit: '1000', offset: '0' })
