/** Why the engaged clock stands, or that it runs, by `getState().stands`. */
export const standing = {
  hidden: 'stands: the tab is hidden',
  unfocused: 'stands: the page is visible, but has no focus',
  idle: 'stands: no input. A pause of up to 15 s will count whole',
  untracked: 'stands: this page is not tracked',
  ended: 'stands: the session has ended; activity starts a new one',
  stopped: 'stands: the tracker was stopped',
}

/** How a view ended, by its `endReason`. */
export const viewEnds = {
  leave: 'left the page',
  route: 'went on within the page',
  bfcache: 'left the page, which the browser kept in memory',
  inactivity: 'session ended: inactivity',
  max: 'session ended: longest duration',
  explicit: 'session ended: by a call of end()',
  suspended: 'session ended: the device slept',
  stop: 'tracker stopped',
}

/** How a session ended, by its `endReason`. */
export const sessionEnds = {
  inactivity: 'inactivity',
  max: 'longest duration reached',
  explicit: 'by a call of end()',
  suspended: 'the device slept',
  reaped: 'never heard of again (crash, power)',
}

/** The kinds of spans, in the order of the legend. */
export const spanKinds = {
  engaged: 'engaged',
  idle: 'visible, idle',
  unfocused: 'visible, no focus',
  hidden: 'hidden',
  suspended: 'suspended, not counted',
}
