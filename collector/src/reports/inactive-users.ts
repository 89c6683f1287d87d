import * as v from 'valibot'
import { questionOfEach } from '../store/question.ts'
import { DAY_MS } from '../tallies/tiers.ts'
import { isNarrow, sessionConditions, whole } from './filter.ts'
import { defineReport } from './report.ts'

/** Who was here in the range, and has not been for some days. */
export const inactiveUsers = defineReport({
  name: 'inactive-users',
  summary: 'Users who were active in the range and have not been for some days',
  canBeLimitedToPages: false,
  entries: { days: v.optional(whole(1, 3_650), '14'), limit: v.optional(whole(1, 10_000), '1000') },
  row: v.object({
    user: v.string(),
    lastActivityAt: v.number(),
    inactiveDays: v.number(),
    /** In the range. */
    sessions: v.number(),
    engagedMs: v.number(),
  }),
  async ask(store, { days, limit }, filter, { now }) {
    const { sql, parameters } = sessionConditions(filter, filter)
    const ofSite = filter.site === undefined ? '' : 'AND site = :site'
    const asked = questionOfEach({
      sqlite: (dialect) => (isNarrow(filter) ? joined : byTime)(sql(dialect), ofSite),
      clickhouse: (dialect) => inOnePass(sql(dialect), dialect.sessionsWith(SINCE), ofSite),
    })
    const found: Row[] = []
    const after = { at: filter.from, sessionId: '' }
    for (;;) {
      const rows = await store.read<Row>(asked, {
        ...parameters,
        ...{ activeBefore: now - days * DAY_MS, limit, afterAt: after.at, afterId: after.sessionId },
      })
      found.push(...rows.filter(({ session_count }) => session_count > 0))
      const last = rows.at(-1)
      if (!last || rows.length < limit || isEnough(last.started_at)) break
      Object.assign(after, { at: last.started_at, sessionId: last.session_id })
    }
    return found
      .sort(byLastActivity)
      .slice(0, limit)
      .map(({ person, last_at, session_count, engaged_sum }) => ({
        user: person,
        lastActivityAt: last_at,
        inactiveDays: Math.floor((now - last_at) / DAY_MS),
        sessions: session_count,
        engagedMs: engaged_sum,
      }))

    /** What begins later is over later: so many end before, and nobody who is not found yet is among them. */
    function isEnough(lookedTo: number): boolean {
      return found.filter(({ last_at }) => last_at < lookedTo).length >= limit
    }
  },
})

interface Row {
  person: string
  last_at: number
  session_count: number
  engaged_sum: number
  started_at: number
  session_id: string
}

const byLastActivity = (a: Row, b: Row) => a.last_at - b.last_at || (a.person < b.person ? -1 : 1)

/**
 * The last sessions of people, in order of their beginning, so that the longest away come first and the rest need not be
 * looked at: there may be millions. Their sums are over what is asked for, and empty if they came only later.
 */
const byTime = (asked: string, ofSite: string) => `
  SELECT person, (SELECT max(last_activity_at) FROM sessions WHERE person = final.person ${ofSite}) AS last_at,
         (SELECT count(*) FROM sessions WHERE person = final.person AND ${asked}) AS session_count,
         (SELECT sum(engaged_ms) FROM sessions WHERE person = final.person AND ${asked}) AS engaged_sum,
         started_at, session_id
  FROM sessions AS final
  WHERE (started_at, session_id) > (:afterAt, :afterId) AND started_at < :activeBefore AND person <> '' ${ofSite}
    AND NOT EXISTS (
      SELECT 1 FROM sessions AS later
      WHERE later.person = final.person ${ofSite}
        AND (later.started_at, later.session_id) > (final.started_at, final.session_id))
    AND last_at < :activeBefore
  ORDER BY started_at, session_id LIMIT :limit`

const joined = (asked: string, ofSite: string) => `
  SELECT person, last_at, session_count, engaged_sum, :activeBefore AS started_at, '' AS session_id
  FROM (${activeIn(asked)}) AS active
  JOIN (
    SELECT person AS who, max(last_activity_at) AS last_at FROM sessions
    WHERE person IN (SELECT person FROM (${activeIn(asked)})) ${ofSite}
    GROUP BY person
  ) AS lately ON lately.who = active.person
  WHERE last_at < :activeBefore
  ORDER BY last_at, person LIMIT :limit`

/** Sessions since the range began: the last one of who came in it is among them. */
const SINCE = '(started_at >= :from OR last_activity_at >= :from)'

const inOnePass = (asked: string, from: string, ofSite: string) => `
  SELECT person, last_at, session_count, engaged_sum, :activeBefore AS started_at, '' AS session_id
  FROM (
    SELECT person, max(last_activity_at) AS last_at, sum(CASE WHEN ${asked} THEN 1 ELSE 0 END) AS session_count,
           sum(CASE WHEN ${asked} THEN engaged_ms ELSE 0 END) AS engaged_sum
    FROM ${from}
    WHERE person <> '' AND ${SINCE} ${ofSite}
    GROUP BY person
  ) AS people
  WHERE session_count > 0 AND last_at < :activeBefore
  ORDER BY last_at, person LIMIT :limit`

/** Those who came in the range, and not lately as far as it tells. */
const activeIn = (conditions: string) => `
  SELECT person, count(*) AS session_count, sum(engaged_ms) AS engaged_sum
  FROM sessions WHERE ${conditions} AND person <> ''
  GROUP BY person
  HAVING max(last_activity_at) < :activeBefore`
