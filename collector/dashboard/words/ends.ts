const ENDS: Record<string, string> = {
  inactivity: 'Visitor left or did nothing',
  max: 'Longest session reached',
  explicit: 'Ended by the page',
  suspended: 'Machine slept',
  reaped: 'Cut off while shown',
  open: 'Goes on',
}

/** How a session ended, in words. */
export const sayEnd = (end: string): string => (Object.hasOwn(ENDS, end) ? ENDS[end]! : end)
