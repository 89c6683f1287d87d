const DAY_MS = 24 * 60 * 60 * 1000

/** Over how many days the views are spread: 10 million are some 27,000 a day then. */
const DAYS = 365

/** Until when they were: fixed, so that every run is the same. */
export const NOW = Date.parse('2026-06-30T12:00:00Z')

/** A session has three views on average. */
export interface Plan {
  sessions: number
  from: number
  everyMs: number
}

export function planFor(views: number): Plan {
  const sessions = Math.round(views / 3)
  return { sessions, from: NOW - DAYS * DAY_MS, everyMs: Math.floor((DAYS * DAY_MS) / sessions) }
}
