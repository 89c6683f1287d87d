import * as v from 'valibot'
import type { Store } from '../store/store.ts'
import { daysAsInstants } from './calendar.ts'
import { dateBefore, daysBetween, eachDay, type Filter } from './filter.ts'
import { measureSessions } from './measure-sessions.ts'
import { measureViews } from './measure-views.ts'
import { count, estimate, percentileOf50 } from './measures.ts'
import { defineReport } from './report.ts'

const point = v.object({
  views: count,
  sessions: count,
  visibleMs: v.nullable(v.number()),
  engagedMs: v.nullable(v.number()),
})

/** Day by day, each beside the day as far into the period before. */
export const trend = defineReport({
  name: 'trend',
  summary: 'Views, sessions and median times day by day, beside the period before',
  canBeLimitedToPages: false,
  entries: {},
  row: v.object({ day: v.string(), ...point.entries, previousDay: v.string(), previous: point }),
  async ask(store, _, filter) {
    const length = daysBetween(filter.firstDay, filter.lastDay) + 1
    const rows = []
    for (const day of eachDay(filter)) {
      const previousDay = dateBefore(day, length)
      const previous = await measureDay(store, filter, previousDay)
      rows.push({ day, ...(await measureDay(store, filter, day)), previousDay, previous })
    }
    return rows
  },
})

async function measureDay(store: Store, filter: Filter, day: string): Promise<v.InferOutput<typeof point>> {
  const range = daysAsInstants(day, day, filter.timezone)
  const views = (await measureViews(store, filter, range)).get('')
  const sessions = (await measureSessions(store, filter, range)).get('')
  return {
    views: estimate(views?.views ?? 0, views?.weight ?? 0),
    sessions: estimate(sessions?.sessions ?? 0, sessions?.weight ?? 0),
    visibleMs: views ? percentileOf50(views.visible) : null,
    engagedMs: views ? percentileOf50(views.engaged) : null,
  }
}
