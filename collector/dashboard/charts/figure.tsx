import { useState } from 'preact/hooks'
import { type Column, Table } from '../parts/table.tsx'
import { Chart, type ChartProps } from './chart.tsx'

interface FigureProps<Row> extends Omit<ChartProps, 'onPoint'> {
  caption: string
  /** What a place on the x axis is called when it is pointed at. */
  placeOf: (at: number) => string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
}

/** A chart with its legend, which says the figures of the place pointed at, and its table. */
export function ChartFigure<Row>({ caption, placeOf, rows, columns, ...chart }: FigureProps<Row>) {
  const [point, setPoint] = useState<number | null>(null)
  const { series, say } = chart
  return (
    <figure class="figure">
      <figcaption class="legend">
        <span class="unseen">{caption}. The table below has the figures.</span>
        {series.map(({ name, color, values, isDashed }) => (
          <span key={name} class={`key ${color.slice(2)} ${isDashed ? 'dashed' : ''}`}>
            {name}
            {point !== null && values[point] !== null && values[point] !== undefined && (
              <b aria-hidden="true">{say(values[point])}</b>
            )}
          </span>
        ))}
        <span class="point" aria-hidden="true">
          {point !== null && placeOf(point)}
        </span>
      </figcaption>
      <Chart {...chart} onPoint={setPoint} />
      <TableBelow caption={caption} rows={rows} columns={columns} />
    </figure>
  )
}

interface TableBelowProps<Row> {
  caption: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
}

/** The figures of a chart, made when they are first wanted. */
export function TableBelow<Row>({ caption, rows, columns }: TableBelowProps<Row>) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="table-below" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Table<span class="unseen">: {caption}</span>
      </summary>
      {isOpen && <Table caption={caption} columns={columns} rows={rows} keyOf={(_, at) => at} />}
    </details>
  )
}
