import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { nearTicks } from './ticks.ts'

export interface Series {
  name: string
  values: readonly (number | null)[]
  /** A custom property of the style sheet. */
  color: string
  kind?: 'line' | 'area' | 'bars' | 'steps'
  isDashed?: boolean
}

export interface ChartProps {
  series: readonly Series[]
  /** Places on the x axis, from 0, that may be labelled; as many are as there is room for. */
  marks: readonly (readonly [at: number, label: string])[]
  say: (value: number) => string
  /** Steps that the y axis may take. */
  steps?: readonly number[]
  /** The top of the y axis; else what the values need. */
  top?: number
  height?: number
  onPoint?: (at: number | null) => void
}

const FONT = '12px system-ui, sans-serif'

/** Room that a label on the x axis takes, in px. */
const LABEL_PX = 64

const styleOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** Lines or bars over evenly spaced places. For the eye alone: whoever shows one says the same in a table. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const { series, marks, height = 220, top } = props
  const data = JSON.stringify([series, marks, height, top])

  // `data` is all of it that can change.
  useEffect(() => {
    const element = place.current!
    const plot = new uPlot(optionsOf(props, element.clientWidth), dataOf(series), element)
    const resizing = new ResizeObserver(() => {
      if (element.clientWidth !== plot.width) plot.setSize({ width: element.clientWidth, height })
    })
    resizing.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const redraw = () => plot.redraw()
    scheme.addEventListener('change', redraw)
    return () => {
      scheme.removeEventListener('change', redraw)
      resizing.disconnect()
      plot.destroy()
    }
  }, [data])

  return <div class="chart" ref={place} aria-hidden="true" data-height={height} />
}

const dataOf = (series: ChartProps['series']): uPlot.AlignedData => [
  (series[0]?.values ?? []).map((_, at) => at),
  ...series.map(({ values }) => [...values]),
]

function optionsOf(
  { series, marks, say, steps, top, height = 220, onPoint }: ChartProps,
  width: number,
): uPlot.Options {
  const length = series[0]?.values.length ?? 0
  const isBars = series.some(({ kind }) => kind === 'bars')
  const labels = new Map(marks)
  const axis: uPlot.Axis = {
    font: FONT,
    stroke: () => styleOf('--soft'),
    ticks: { show: false },
  }
  return {
    width,
    height,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 7, width: 0, fill: (_, at) => styleOf(series[at - 1]!.color) },
    },
    scales: {
      x: { time: false, range: isBars ? [-0.5, length - 0.5] : [0, Math.max(1, length - 1)] },
      y: { range: (_, __, most) => [0, top ?? (most > 0 ? most * 1.05 : 1)] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 4,
        grid: { show: false },
        splits: (plot) =>
          nearTicks(
            marks.map(([at]) => at),
            Math.max(1, Math.floor(plot.bbox.width / devicePixelRatio / LABEL_PX)),
          ),
        values: (_, at) => at.map((index) => labels.get(index) ?? ''),
      },
      {
        ...axis,
        size: 62,
        gap: 8,
        space: 40,
        grid: { stroke: () => styleOf('--line'), width: 1 },
        ...(steps && { incrs: [...steps] }),
        values: (_, at) => at.map(say),
      },
    ],
    series: [{}, ...series.map(seriesOf)],
    hooks: { setCursor: [(plot) => onPoint?.(plot.cursor.idx ?? null)] },
  }
}

function seriesOf({ name, color, kind = 'line', isDashed }: Series): uPlot.Series {
  const fill = () => `color-mix(in srgb, ${styleOf(color)} ${kind === 'bars' ? 75 : 14}%, transparent)`
  return {
    label: name,
    stroke: () => styleOf(color),
    width: kind === 'bars' ? 0 : isDashed ? 1 : 2,
    points: { show: false },
    ...(isDashed && { dash: [4, 4] }),
    ...((kind === 'area' || kind === 'bars') && { fill }),
    ...(kind === 'bars' && { paths: uPlot.paths.bars!({ size: [0.86, 40], radius: 0.1 }) }),
    ...(kind === 'steps' && { paths: uPlot.paths.stepped!({ align: 1 }) }),
  }
}
