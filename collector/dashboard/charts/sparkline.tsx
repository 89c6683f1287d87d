import { linePath } from './line-path.ts'

const WIDTH = 120
const HEIGHT = 28

/** A hint of how it went; the chart beside it has the figures. */
export function Sparkline({ values, before }: { values: readonly number[]; before?: readonly number[] | undefined }) {
  const top = Math.max(...values, ...(before ?? []))
  const box = { width: WIDTH, height: HEIGHT, top }
  return (
    <svg class="spark" viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`} preserveAspectRatio="none" aria-hidden="true">
      {before && <path class="before" d={linePath(before, box)} />}
      <path class="now" d={linePath(values, box)} />
    </svg>
  )
}
