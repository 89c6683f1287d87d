import { join } from 'node:path'
import Database from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { parseReportRequest } from '../../src/reports/report.ts'
import { retention } from '../../src/reports/retention.ts'
import {
  parseSessionDurationRequest,
  type SessionDurationResponse,
  sessionDuration,
} from '../../src/reports/session-duration.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { temporaryDirectory } from '../support/directory.ts'

const MIDNIGHT = Date.parse('2026-06-15T00:00:00Z')
const THAT_DAY = { start_date: '2026-06-15', end_date: '2026-06-15' }

test('the durations of many people are asked for by halves, and nobody is left out or told twice', async () => {
  const { store, asked, people, lengths } = filledWithSessions(24_000)
  const answerOf = async (more: object) => {
    const { value } = parseSessionDurationRequest({ ...THAT_DAY, anonymous: true, ...more })
    return JSON.parse(await sessionDuration(store, value!)).results as SessionDurationResponse['results']
  }

  const results = await answerOf({})
  expect(asked.filter((sql) => sql.includes('person < :middle'))).toHaveLength(1)
  expect(results.map(({ user_id }) => user_id ?? '')).toEqual(people)
  expect(results.map(({ average_duration }) => average_duration)).toEqual(people.map((person) => lengths.get(person)))
  const withPercentiles = await answerOf({ percentiles: [100] })
  expect(withPercentiles.map(({ percentiles: _, ...average }) => average)).toEqual(results)
})

test('so it is with who comes back', async () => {
  const { store, asked, people } = filledWithSessions(24_000)
  const { value } = parseReportRequest(retention, THAT_DAY, MIDNIGHT)
  const rows = await retention.ask(store, value!.request, value!.filter, { now: MIDNIGHT })
  expect(asked.filter((sql) => sql.includes('person < :middle'))).toHaveLength(1)
  const named = people.length - 1
  expect(rows).toEqual([
    {
      ...{ firstSession: 'under 10 s', visitors: { sampled: named, estimated: named, margin: 0 } },
      ...{ within1Day: 1, within7Days: 1, within30Days: 1, isSmallSample: false },
    },
  ])
})

/** Two of each person, ten hours apart, straight into a store; who is there in order, and their averages in seconds. */
function filledWithSessions(amount: number) {
  const file = join(temporaryDirectory(), 'dwelltime.db')
  const store = openSqliteStore(file)
  onTestFinished(() => store.close())
  const names = Array.from({ length: amount / 2 }, (_, at) => (at === 0 ? '' : `${(at * 7919) % 12_007}, "é\\${at}`))
  const db = new Database(file)
  db.prepare(`
    INSERT INTO sessions (session_id, site, person, started_at, ended_at, last_activity_at, duration_ms, total_ms, visible_ms,
                          engaged_ms, sampling_rate, weight, status, component_name, alive_until, heartbeat_ms)
    SELECT printf('%032x', key), 'docs', value, :midnight + key * 3000, 0, 0, key * 7, 0, 0, 0, 1, 1, 'success', 'docs', 0, 0
    FROM json_each(:people)`).run({ people: JSON.stringify([...names, ...names]), midnight: MIDNIGHT })
  db.close()
  const asked: string[] = []
  const watched: Store = {
    ...store,
    read(question, parameters) {
      asked.push(question.sqlite)
      return store.read(question, parameters)
    },
  }
  return {
    ...{ store: watched, asked, people: names.toSorted() },
    lengths: new Map(names.map((name, at) => [name, Math.round(at * 7 + (amount / 4) * 7) / 1000])),
  }
}
