import type { Count } from '../../src/reports/measures.ts'
import { sayDuration, sayExactly } from '../words/duration.ts'
import { sayNumber, sayShare } from '../words/number.ts'

// Figures as people say them; the exact value is in the element's `value`, for machines, and in its title.

export function Duration({ ms }: { ms: number | null | undefined }) {
  if (ms === null || ms === undefined) return <None />
  return (
    <data value={String(ms)} title={sayExactly(ms)}>
      {sayDuration(ms)}
    </data>
  )
}

/** How many that is estimated to be; of a sample, how far off that may be. */
export function Amount({ of }: { of: Count | number }) {
  if (typeof of === 'number') return <data value={String(of)}>{sayNumber(of)}</data>
  const { estimated, sampled, margin } = of
  if (margin === 0) return <data value={String(estimated)}>{sayNumber(estimated)}</data>
  return (
    <data value={String(estimated)} title={`Estimated from ${sayNumber(sampled)} in the sample, 95 %`}>
      {sayNumber(estimated)} <small class="margin">±&nbsp;{sayNumber(margin)}</small>
    </data>
  )
}

export function Share({ of }: { of: number | null | undefined }) {
  if (of === null || of === undefined) return <None />
  return <data value={String(of)}>{sayShare(of)}</data>
}

const None = () => (
  <span class="none">
    <span aria-hidden="true">–</span>
    <span class="unseen">none</span>
  </span>
)
