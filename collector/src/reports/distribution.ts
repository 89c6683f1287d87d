import * as v from 'valibot'
import { type Histogram, lowerBoundOf } from '../log-buckets.ts'
import { binsAt } from '../tallies/tally.ts'
import { measureSessions, measureViews } from './measure.ts'
import { allEnds } from './measures.ts'
import { defineReport } from './report.ts'

/** So many buckets of the roll-ups make one row: a row's end is a tenth above its beginning. */
const BUCKETS_PER_ROW = 5

const bounds = { fromMs: v.number(), toMs: v.number() }

/** How long views were visible and engaged: how many of each length. */
export const distribution = defineReport({
  name: 'distribution',
  summary: 'How many views were visible and engaged for how long, in lengths that grow by a tenth',
  canBeLimitedToPages: true,
  entries: {},
  row: v.object({ ...bounds, visible: v.number(), engaged: v.number() }),
  async ask(store, _, filter) {
    const views = (await measureViews(store, filter, ['visible', 'engaged'])).get('')
    return rowsOf({ visible: binsAt<number>(views, 'visible'), engaged: binsAt<number>(views, 'engaged') })
  },
})

/** The same of sessions, and of their whole duration. */
export const sessionDistribution = defineReport({
  name: 'session-distribution',
  summary: 'How many sessions lasted, were visible and engaged for how long, in lengths that grow by a tenth',
  canBeLimitedToPages: false,
  entries: {},
  row: v.object({ ...bounds, duration: v.number(), visible: v.number(), engaged: v.number() }),
  async ask(store, _, filter) {
    const sessions = await measureSessions(store, filter, ['ends', 'visible', 'engaged'])
    return rowsOf({
      duration: binsAt<number>(allEnds(sessions), 'duration'),
      visible: binsAt<number>(sessions, 'visible'),
      engaged: binsAt<number>(sessions, 'engaged'),
    })
  },
})

/** The first row is for what lasted nothing at all; rows of nothing are left out. */
function rowsOf<Name extends string>(histograms: Record<Name, Histogram>) {
  const names = Object.keys(histograms) as Name[]
  const nothing = () => Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
  const rows = new Map<number, Record<Name, number>>()
  for (const name of names) {
    for (const [bucket, weight] of histograms[name]) {
      const at = Math.ceil(bucket / BUCKETS_PER_ROW)
      const row = rows.get(at) ?? nothing()
      row[name] += weight
      rows.set(at, row)
    }
  }
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([at, row]) => ({
      fromMs: at === 0 ? 0 : Math.round(lowerBoundOf((at - 1) * BUCKETS_PER_ROW + 1)),
      toMs: at === 0 ? 0 : Math.round(lowerBoundOf(at * BUCKETS_PER_ROW + 1)),
      ...row,
    }))
}
