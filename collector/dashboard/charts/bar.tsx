/** A share as a length, beside its figure. */
export const Bar = ({ share, color = 'accent' }: { share: number; color?: string }) => (
  <svg class={`bar ${color}`} aria-hidden="true" width="100%" height="8">
    <rect class="rest" width="100%" height="8" rx="2" />
    <rect width={`${Math.max(0, Math.min(1, share)) * 100}%`} height="8" rx="2" />
  </svg>
)
