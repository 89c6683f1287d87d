import type { ComponentChildren } from 'preact'

export interface Column<Row> {
  name: string
  /** Sorts by it; a table without `onSort` leaves it out. */
  key?: string
  /** Of the row: the first column that says so is its heading. */
  isHeading?: boolean
  isText?: boolean
  cell: (row: Row) => ComponentChildren
}

interface TableProps<Row> {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row, at: number) => string | number
  isFaint?: (row: Row) => boolean
  /** As in the address: `-engaged` is the largest first. */
  sort?: string
  onSort?: (sort: string) => void
  isCaptionSeen?: boolean
}

/** Rows and columns; what can be sorted says so, and how it is. */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, keyOf, isFaint, sort, onSort, isCaptionSeen } = props
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="scroll" tabIndex={0} aria-label={`${caption}, table`}>
      <table>
        <caption class={isCaptionSeen ? '' : 'unseen'}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, key, isText, isHeading }) => (
              <th
                key={name}
                scope="col"
                class={isText || isHeading ? 'text' : ''}
                {...(key && onSort && { 'aria-sort': directionOf(key, sort) })}
              >
                {key && onSort ? (
                  <button type="button" onClick={() => onSort(sort === `-${key}` ? key : `-${key}`)}>
                    {name}
                  </button>
                ) : (
                  name || <span class="unseen">Bar</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={keyOf(row, at)} class={isFaint?.(row) ? 'faint' : ''}>
              {columns.map(({ name, isHeading, isText, cell }) =>
                isHeading ? (
                  <th key={name} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={name} class={isText ? 'text' : ''}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function directionOf(key: string, sort: string | undefined) {
  if (sort === key) return 'ascending'
  return sort === `-${key}` ? 'descending' : 'none'
}
