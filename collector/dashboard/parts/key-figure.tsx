import type { ComponentChildren } from 'preact'
import { Sparkline } from '../charts/sparkline.tsx'
import { sayChange } from '../words/number.ts'

interface KeyFigureProps {
  name: string
  children: ComponentChildren
  value: number | null
  /** Of the period before; undefined: it is not to be compared with. */
  before?: number | null | undefined
  /** How `before` is said. */
  say: (value: number) => string
  trend?: { values: readonly number[]; before: readonly number[] | undefined } | undefined
}

/** One number, what it was before, and how it went. */
export function KeyFigure({ name, children, value, before, say, trend }: KeyFigureProps) {
  const change = sayChange(value, before)
  return (
    <li class="key-figure">
      <h2>{name}</h2>
      <p class="value">{children}</p>
      <p class="change">
        {before !== undefined &&
          (change === undefined ? (
            'nothing before'
          ) : (
            <>
              <span class="delta">{change}</span> <span class="fine">from {say(before!)}</span>
            </>
          ))}
      </p>
      {trend && <Sparkline values={trend.values} before={trend.before} />}
    </li>
  )
}
