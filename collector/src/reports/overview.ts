import * as v from 'valibot'
import { measureSessions } from './measure-sessions.ts'
import { measureViews } from './measure-views.ts'
import { count, estimate, percentiles, percentilesOf, ratio } from './measures.ts'
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
    const views = (await measureViews(store, filter, filter)).get('')
    const sessions = (await measureSessions(store, filter, filter)).get('')
    const none = new Map()
    return [
      {
        views: estimate(views?.views ?? 0, views?.weight ?? 0),
        sessions: estimate(sessions?.sessions ?? 0, sessions?.weight ?? 0),
        pagesPerSession: ratio(sessions?.viewCount ?? 0, sessions?.weight ?? 0),
        viewVisibleMs: percentilesOf(views?.visible ?? none),
        viewEngagedMs: percentilesOf(views?.engaged ?? none),
        sessionMs: percentilesOf(sessions?.duration ?? none),
        sessionVisibleMs: percentilesOf(sessions?.visible ?? none),
        sessionEngagedMs: percentilesOf(sessions?.engaged ?? none),
        engagedOfVisible: ratio(views?.engagedMs ?? 0, views?.visibleMs ?? 0),
      },
    ]
  },
})
