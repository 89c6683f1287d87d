import { expect, test } from 'vitest'
import { fill } from '../../bench/traffic/fill.ts'
import { traffic } from '../../bench/traffic/traffic.ts'
import { parseEnvelope, parseRecord } from '../src/ingest/schema.ts'
import { openSqliteStore } from '../src/store/sqlite/sqlite.ts'

const END = Date.parse('2026-06-15T15:30:00Z')
const WEEK = { end: END, days: 7, views: 1_000 }

test('the same seed gives the same bytes, another one others', () => {
  const made = (seed: number) => JSON.stringify([...traffic({ ...WEEK, seed })])
  expect(made(1)).toBe(made(1))
  expect(made(2)).not.toBe(made(1))
})

test('what comes is in order, before the end, and almost all of it is valid', () => {
  const posts = [...traffic({ ...WEEK, seed: 1 })]
  expect(posts.map(({ at }) => at)).toEqual(posts.map(({ at }) => at).sort((a, b) => a - b))
  expect(posts.at(-1)!.at).toBeLessThan(END)

  const problems: string[] = []
  let records = 0
  for (const { body } of posts) {
    if (body === 'not json') continue
    const envelope = parseEnvelope(JSON.parse(body))
    expect(envelope.problem).toBeUndefined()
    for (const input of envelope.value!.records) {
      records += 1
      const { problem } = parseRecord(input)
      if (problem) problems.push(problem)
    }
  }
  expect(new Set(problems)).toEqual(new Set(['visibleMs: want an integer >= 0']))
  expect(problems.length).toBeLessThan(records / 50)
})

test('the collector takes it at its own instants, and what comes out has a bit of everything', async () => {
  const store = openSqliteStore(':memory:')
  const filled = await fill(store, traffic({ ...WEEK, seed: 1 }), END)
  const rows = (sql: string) => store.read<{ name: string; amount: number }>({ sqlite: sql, clickhouse: '' }, {})
  const counted = async (sql: string) => new Map((await rows(sql)).map(({ name, amount }) => [name, amount]))
  const sites = await counted('SELECT site AS name, count(*) AS amount FROM views GROUP BY site')
  expect([...sites.keys()].sort()).toEqual(['academy', 'handbook', 'magazine'])
  const views = [...sites.values()].reduce((sum, amount) => sum + amount)
  expect(views).toBeGreaterThan(700)
  expect(views).toBeLessThan(1_300)
  expect(filled.refused).toBeGreaterThan(0)
  expect(filled.refused).toBeLessThan(filled.accepted / 50)

  const ends = await counted("SELECT coalesce(end_reason, 'open') AS name, count(*) AS amount FROM sessions GROUP BY 1")
  for (const end of ['inactivity', 'reaped', 'explicit']) expect(ends.get(end), end).toBeGreaterThan(0)
  const vias = await counted('SELECT via AS name, count(*) AS amount FROM views GROUP BY 1')
  for (const via of ['fetch', 'beacon', 'fetchLater']) expect(vias.get(via), via).toBeGreaterThan(0)
  const rates = await counted('SELECT site AS name, min(weight) AS amount FROM views GROUP BY site')
  expect(Object.fromEntries(rates)).toEqual({ academy: 1, magazine: 1, handbook: 4 })
  await store.close()
})
