import type { ReportRow } from '../../../src/client.ts'

/** A fact in words, and the share that it is of what it belongs to. */
export interface Fact {
  fact: string
  name: string
  amount: number
  share: number | null
}

interface Group {
  title: string
  about: string
  /** What the others are a share of. */
  whole: string
  names: Readonly<Record<string, string>>
}

const RECORDS: Group = {
  title: 'Records received',
  about: 'A duplicate or a late record changes nothing: of each view the newest record counts.',
  whole: 'records_accepted',
  names: {
    records_accepted: 'Accepted',
    records_duplicate: 'Duplicate',
    records_resent: 'Sent again by design, after a beacon',
    records_late: 'Late: a newer one was there',
    records_deleted: 'Of somebody who was deleted',
  },
}

const CAPTURES: Group = {
  title: 'How views were captured',
  about: 'By which way the newest record of each view came.',
  whole: 'views',
  names: {
    views: 'Views',
    views_captured_at_exit: 'At the exit, by a beacon',
    views_captured_by_the_browser_later: 'By the browser, after the page was gone',
    views_captured_by_a_later_visit: 'By the next visit, from the device’s queue',
    views_sampled: 'Sampled',
    views_of_bots: 'Of bots',
    views_with_a_wrong_clock: 'By a device whose clock is wrong: corrected',
  },
}

const SESSIONS: Group = {
  title: 'Sessions',
  about: 'Reaped: cut off while shown, by a crash, a kill or a power cut, and ended by the collector.',
  whole: 'sessions',
  names: {
    sessions: 'Sessions',
    sessions_open: 'Open',
    sessions_reaped: 'Reaped',
    sessions_of_bots: 'Of bots',
    sessions_with_a_wrong_clock: 'By a device whose clock is wrong: corrected',
  },
}

const REJECTED = 'records_rejected_'

/** The report's rows, put together by what they are about; refusals by their reason. */
export function groupsOf(rows: readonly ReportRow<'data-quality'>[]) {
  const amounts = new Map(rows.map(({ fact, amount }) => [fact, amount]))
  const groups = [CAPTURES, SESSIONS, RECORDS].map(({ title, about, whole, names }) => {
    const all = amounts.get(whole) ?? 0
    const facts = Object.entries(names).map(([fact, name]): Fact => {
      const amount = amounts.get(fact) ?? 0
      return { fact, name, amount, share: fact === whole || all === 0 ? null : amount / all }
    })
    return { title, about, facts }
  })
  const known = new Set([CAPTURES, SESSIONS, RECORDS].flatMap(({ names }) => Object.keys(names)))
  const accepted = amounts.get(RECORDS.whole) ?? 0
  const refused = rows.filter(({ fact }) => fact.startsWith(REJECTED))
  const all = refused.reduce((sum, { amount }) => sum + amount, accepted)
  const facts = refused.map(({ fact, amount }): Fact => {
    const reason = fact.slice(REJECTED.length).replaceAll('_', ' ')
    return { fact, name: reason, amount, share: all > 0 ? amount / all : null }
  })
  const others = rows.filter(({ fact }) => !known.has(fact) && !fact.startsWith(REJECTED))
  return { groups, refused: facts.sort((a, b) => b.amount - a.amount), others }
}
