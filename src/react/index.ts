export type { DurationResult, SessionDurationFilter } from './ask.ts'
export type { DwellClocks } from './clocks.ts'
export { DwellProvider, type DwellProviderProps, useDwell } from './dwell-provider.tsx'
export { SessionDuration, SessionDuration as default, type SessionDurationProps } from './session-duration.tsx'
