interface Box {
  width: number
  height: number
  /** The value at the upper edge; 0 is at the lower. */
  top: number
}

/** An SVG path through evenly spaced values. */
export function linePath(values: readonly number[], { width, height, top }: Box): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0
  const y = (value: number) => round(height - (top > 0 ? value / top : 0) * height)
  return values.map((value, at) => `${at === 0 ? 'M' : 'L'}${round(at * step)} ${y(value)}`).join('')
}

const round = (value: number) => Math.round(value * 10) / 10
