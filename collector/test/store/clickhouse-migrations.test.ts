import type { ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClickHouseStore } from '../../src/store/clickhouse/clickhouse.ts'
import init from '../../src/store/clickhouse/migrations/0001-init.sql?raw'
import keepers from '../../src/store/clickhouse/migrations/0002-keepers.sql?raw'
import tiers from '../../src/store/clickhouse/migrations/0003-tiers.sql?raw'
import seen from '../../src/store/clickhouse/migrations/0004-seen.sql?raw'
import shelves from '../../src/store/clickhouse/migrations/0005-shelves.sql?raw'
import freshDays from '../../src/store/clickhouse/migrations/0006-fresh-days.sql?raw'
import { question } from '../../src/store/question.ts'
import type { Store } from '../../src/store/store.ts'
import { DAY_MS, QUARTER_MS } from '../../src/tallies/tiers.ts'
import { type ChDb, installChDb } from '../support/chdb.ts'
import { id, START } from '../support/records.ts'

let chdb: ChDb

beforeAll(async () => {
  chdb = await installChDb()
}, 600_000)

afterAll(() => chdb.stop(), 60_000)

const SIXTH = [init, keepers, tiers, seen, shelves, freshDays]

/** A database as the sixth version left it: two roll-ups, one of them written twice, and a session in two versions. */
async function writeSixthVersion(client: ClickHouseClient): Promise<void> {
  const statements = SIXTH.join('\n').replace(/--.*$/gm, '').split(';')
  for (const query of statements) if (query.trim()) await client.command({ query })
  await client.command({ query: 'CREATE TABLE schema_versions (version UInt32) ENGINE = MergeTree ORDER BY version' })
  await client.command({ query: `INSERT INTO schema_versions SELECT number + 1 FROM numbers(${SIXTH.length})` })
  for (const begins_at of [START, START, START + 1]) {
    const values = [
      { shelf: 'view', level: 'site', span_ms: 1, begins_at, site: 'docs', tally: `{"views":${begins_at}}` },
    ]
    await client.insert({ table: 'rollups', values, format: 'JSONEachRow' })
  }
  for (const version of [1, 2]) {
    const session = { kind: 'session', id: id('5e'), session_id: id('5e'), version, started_at: START + version }
    await client.insert({ table: 'kept', values: [session], format: 'JSONEachRow' })
  }
}

const sessionsFrom = async (store: Store, at: number) => {
  const asked = question(({ sessionsWith }) => {
    const began = `started_at = ${at}`
    return `SELECT session_id FROM ${sessionsWith(began)} WHERE ${began}`
  })
  return (await store.read<{ session_id: string }>(asked, {})).map(({ session_id }) => session_id)
}

test('smaller pieces of roll-ups hold what was there, each once, however often the step is begun', async () => {
  await chdb.createDatabase('sixth')
  const client = chdb.connect('sixth')
  await writeSixthVersion(client)
  const open = async () => {
    const store = await createClickHouseStore(client, 0)
    const [row] = await store.read<{ amount: number }>(
      question(() => 'SELECT count(*) AS amount FROM tier_rollups'),
      {},
    )
    const [was, is] = [await sessionsFrom(store, START + 1), await sessionsFrom(store, START + 2)]
    return { rollups: row!.amount, was, is }
  }
  const whole = { rollups: 2, was: [], is: [id('5e')] }
  expect(await open()).toEqual(whole)

  // As if it had stopped before it was noted.
  await client.command({ query: 'ALTER TABLE schema_versions DELETE WHERE version >= 7 SETTINGS mutations_sync = 2' })
  await client.command({ query: 'INSERT INTO rollups SELECT * FROM tier_rollups' })
  expect(await open()).toEqual(whole)
}, 120_000)

test('in the order of time each session stands once, as it was saved last, whoever saved it', async () => {
  await chdb.createDatabase('by_time')
  const client = chdb.connect('by_time')
  await writeSixthVersion(client)
  const store = await createClickHouseStore(client, 0)
  const save = (version: number, started_at: number) =>
    client.insert({
      ...{ table: 'kept', format: 'JSONEachRow' },
      values: [{ kind: 'session', id: id('5e'), session_id: id('5e'), version, started_at }],
    })
  await save(3, START + 3)
  await save(3, START + 3) // a save that was put in place twice
  await save(1, START + 1) // one that comes late
  const seen = async () => Promise.all([1, 2, 3].map((at) => sessionsFrom(store, START + at)))
  expect(await seen()).toEqual([[], [], [id('5e')]])
  await client.command({ query: 'OPTIMIZE TABLE kept FINAL' })
  expect(await seen()).toEqual([[], [], [id('5e')]])
  await client.command({ query: `ALTER TABLE kept DELETE WHERE kind = 'session' SETTINGS mutations_sync = 2` })
  expect(await seen()).toEqual([[], [], []])
}, 120_000)

test('what a keeper of the version before says of days that may change is not believed', async () => {
  await chdb.createDatabase('fresh')
  const client = chdb.connect('fresh')
  await writeSixthVersion(client)
  const store = await createClickHouseStore(client, 0)
  const said = { days: [START], generations: ['of-before'], seen_to: [Date.now() * 1000] }
  await client.insert({ table: 'fresh_days', values: [said], format: 'JSONEachRow' })
  expect(await store.freshDays.list()).toEqual([])
  await client.insert({ table: 'fine_fresh_days', values: [said], format: 'JSONEachRow' })
  expect(await store.freshDays.list()).toMatchObject([{ day: START, generation: 'of-before' }])
}, 120_000)

test('what was rolled up before is in columns, too, where these are added up', async () => {
  await chdb.createDatabase('sums')
  const client = chdb.connect('sums')
  await writeSixthVersion(client)
  const tally = '{"views":3,"weight":4.5,"visible":[9,1,536,3.5],"next":["/a,\\"",2,"/ü",2.5]}'
  const rollup = { shelf: 'view', level: 'page', begins_at: START, site: 'docs', path: '/', tally }
  const values = [DAY_MS, QUARTER_MS].map((span_ms) => ({ ...rollup, span_ms }))
  await client.insert({ table: 'rollups', values, format: 'JSONEachRow' })
  const store = await createClickHouseStore(client, 0)
  const columns = 'toJSONString((numbers.views, numbers.weight, numbers.sessions, visible, engaged, next)) AS columns'
  const asked = (spanMs: number) =>
    question(() => `SELECT ${columns} FROM tier_rollups WHERE level = 'page' AND span_ms = ${spanMs}`)
  const columnsOf = async (spanMs: number) => {
    const [row] = await store.read<{ columns: string }>(asked(spanMs), {})
    return JSON.parse(row!.columns)
  }
  expect(await columnsOf(DAY_MS)).toEqual([3, 4.5, 0, { '9': 1, '536': 3.5 }, {}, { '/a,"': 2, '/ü': 2.5 }])
  expect(await columnsOf(QUARTER_MS)).toEqual([0, 0, 0, {}, {}, {}]) // few numbers each: read as they are
}, 120_000)
