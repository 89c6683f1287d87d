import fc from 'fast-check'
import { describe, test } from 'vitest'
import type { Millis } from '../../../src/core/time.ts'
import { forAnyDay, LONGEST_GAP, looksAfter, quietly } from '../../support/any-day.ts'
import { DEEDS, type Page, SLOWEST, type Stretch, shownOf, someDay, unionOf, viewsOf } from '../../support/day.ts'
import { EPOCH } from '../../support/replay.ts'

describe('on any day, sessions', { timeout: 3_600_000 }, () => {
  test('the union of the visible time of a session is at most its duration', () => {
    forAnyDay(someDay({ tabs: 3, late: fc.constant(0) }), (acts) => {
      const pages = quietly(acts, { slowStore: true, keepsLog: true })
      for (const { startedAt, endedAt, shown } of sessionsOf(pages)) {
        const union = unionOf(shown)
        if (union > endedAt - startedAt) throw new Error(`${union} ms visible in ${endedAt - startedAt}`)
        for (const [from, to] of shown) if (from < startedAt || to < from) throw new Error(`${from} – ${to}`)
      }
      // What the page tells itself: the views that it has told of till then are in it.
      for (const page of pages) {
        for (const [i, { name, detail }] of page.told.entries()) {
          if (name !== 'session:end') continue
          const told = page.told.slice(0, i).flatMap((one) => (one.name === 'view:start' ? one.detail.viewId : []))
          const own = viewsOf([page])
            .map((records) => records.at(-1)!)
            .filter(({ sessionId, viewId }) => sessionId === detail.id && told.includes(viewId))
          // A view may be a moment older than the session of another tab that the store has had first.
          const shown = own
            .flatMap(shownOf)
            .map((stretch) => stretch.map((at) => Math.max(at, detail.startedAt)) as Stretch)
          const union = unionOf(shown)
          if (union > detail.durationMs) throw new Error(`told ${detail.durationMs}, visible ${union}`)
        }
      }
    })
  })

  test('sessions never overlap where one tab is on screen at a time, ended by hand or not', () => {
    forAnyDay(someDay({ tabs: 3 }), (acts) => checkApart(quietly(acts, { oneShown: true })))
  })

  test('in several windows they overlap by no more than the store takes to answer, and the next look', () => {
    // What one ends by hand, or by waking up, the others hear of with the next that they share.
    const deeds = DEEDS.filter((deed) => deed !== 'end')
    forAnyDay(someDay({ tabs: 3, deeds, stops: false }), (acts) =>
      checkApart(quietly(acts, { slowStore: true, looks: looksAfter([SLOWEST + 1, LONGEST_GAP]) }), 2 * SLOWEST),
    )
  })
})

/** Sessions as a collector has them from the records alone. */
function sessionsOf(pages: Page[]) {
  const sessions = new Map<string, { startedAt: number; endedAt: number; shown: Stretch[] }>()
  for (const records of viewsOf(pages)) {
    const record = records.at(-1)!
    const { sessionId, sessionStartedAt, startedAt } = record
    const session = sessions.get(sessionId) ?? { startedAt: sessionStartedAt, endedAt: sessionStartedAt, shown: [] }
    const shown = shownOf(record)
    session.startedAt = Math.min(session.startedAt, sessionStartedAt, startedAt)
    session.endedAt = Math.max(session.endedAt, ...shown.map(([, to]) => to))
    session.shown.push(...shown)
    sessions.set(sessionId, session)
  }
  return [...sessions.values()].sort((a, b) => a.startedAt - b.startedAt)
}

function checkApart(pages: Page[], overlap: Millis = 0): void {
  let last = { startedAt: 0, endedAt: 0 }
  for (const session of sessionsOf(pages)) {
    // One that nobody has seen: its page left with the first thing that it heard.
    if (session.endedAt === session.startedAt) continue
    if (session.startedAt < last.endedAt - overlap)
      throw new Error(`${session.startedAt - EPOCH} before ${last.endedAt - EPOCH}`)
    last = session
  }
}
