import * as v from 'valibot'
import { binsAt } from '../tallies/tally.ts'
import { daysAsInstants } from './calendar.ts'
import { dateBefore, eachDay } from './filter.ts'
import { measureDays } from './measure.ts'
import { allEnds, count, countAt, percentileOf50 } from './measures.ts'
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
    const days = eachDay({ firstDay: dateBefore(filter.firstDay, eachDay(filter).length), lastDay: filter.lastDay })
    const starts = [...days, dateBefore(filter.lastDay, -1)].map(
      (day) => daysAsInstants(day, day, filter.timezone).from,
    )
    const views = await measureDays(store, filter, starts, { views: ['visible', 'engaged'] })
    const sessions = await measureDays(store, filter, starts, { sessions: ['ends'] })
    const pointOf = (at: number): v.InferOutput<typeof point> => ({
      views: countAt(views[at], 'views'),
      sessions: countAt(allEnds(sessions[at]!), 'sessions'),
      visibleMs: percentileOf50(binsAt(views[at], 'visible')),
      engagedMs: percentileOf50(binsAt(views[at], 'engaged')),
    })

    const length = days.length / 2
    return days.slice(length).map((day, at) => {
      const previous = pointOf(at)
      return { day, ...pointOf(length + at), previousDay: days[at]!, previous }
    })
  },
})
