/** Up to here a difference of clocks is transit and rounding, not a wrong clock. */
const SKEW_TOLERANCE_MS = 60_000

/** What a device's instants must be moved by to be ours, in ms; `skewMs` is our clock minus the device's. */
export const clockCorrectionMs = (skewMs: number | null): number =>
  skewMs !== null && Math.abs(skewMs) > SKEW_TOLERANCE_MS ? skewMs : 0
