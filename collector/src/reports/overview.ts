import * as v from 'valibot'
import { numberAt } from '../tallies/tally.ts'
import { measureSessions, measureViews } from './measure.ts'
import { allEnds, count, countAt, percentiles, percentilesAt, ratio } from './measures.ts'
import { defineReport } from './report.ts'

/** The few numbers to begin with: one row. */
export const overview = defineReport({
  name: 'overview',
  summary: 'Views, sessions and how long they lasted',
  canBeLimitedToPages: false,
  entries: {},
  row: v.object({
    views: count,
    sessions: count,
    pagesPerSession: v.number(),
    viewVisibleMs: percentiles,
    viewEngagedMs: percentiles,
    sessionMs: percentiles,
    sessionVisibleMs: percentiles,
    sessionEngagedMs: percentiles,
    engagedOfVisible: v.number(),
  }),
  async ask(store, _, filter) {
    const [measures, sessions] = await Promise.all([
      measureViews(store, filter, ['visible', 'engaged']),
      measureSessions(store, filter, ['ends', 'visible', 'engaged']),
    ])
    const views = measures.get('') ?? {}
    const ended = allEnds(sessions)
    return [
      {
        views: countAt(views, 'views'),
        sessions: countAt(ended, 'sessions'),
        pagesPerSession: ratio(numberAt(ended, 'viewCount'), numberAt(ended, 'weight')),
        viewVisibleMs: percentilesAt(views, 'visible'),
        viewEngagedMs: percentilesAt(views, 'engaged'),
        sessionMs: percentilesAt(ended, 'duration'),
        sessionVisibleMs: percentilesAt(sessions, 'visible'),
        sessionEngagedMs: percentilesAt(sessions, 'engaged'),
        engagedOfVisible: ratio(numberAt(views, 'engagedMs'), numberAt(views, 'visibleMs')),
      },
    ]
  },
})
