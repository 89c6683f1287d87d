import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClickHouseStore } from '../../src/store/clickhouse/clickhouse.ts'
import { question } from '../../src/store/question.ts'
import { DAY_MS, FOUR_WEEKS_MS, HOUR_MS, WEEK_MS } from '../../src/tallies/tiers.ts'
import { type ChDb, installChDb } from '../support/chdb.ts'

let chdb: ChDb

beforeAll(async () => {
  chdb = await installChDb()
}, 600_000)

afterAll(() => chdb.stop(), 60_000)

const PARTS = question(
  () => `
    SELECT partition, count() AS parts FROM system.parts
    WHERE active AND database = currentDatabase() AND table = 'tier_rollups'
    GROUP BY partition ORDER BY toInt64(partition)`,
)

test('each of the longest lengths of roll-ups is one part when four weeks are full', async () => {
  await chdb.createDatabase('merges')
  const store = await createClickHouseStore(chdb.connect('merges'), 0)
  const save = (spanMs: number, from: number) => {
    const key = { at: from, site: 'docs', path: '/', pageGroup: '', device: 'mobile', isBot: 0 }
    const rows = [{ shelf: 'view', level: 'page-device', ...key, tally: '{"views":1}' } as const]
    return store.saveRollups({ spanMs, from, upTo: from + spanMs, rows })
  }
  const spans = [HOUR_MS, DAY_MS, WEEK_MS]
  for (const spanMs of spans) for (const from of [0, spanMs]) await save(spanMs, from)
  const partsOf = async () =>
    Object.fromEntries(
      (await store.read<{ partition: string; parts: number }>(PARTS, {})).map((row) => [row.partition, row.parts]),
    )
  expect(await partsOf()).toEqual({ [HOUR_MS]: 2, [DAY_MS]: 2, [WEEK_MS]: 2 })

  await save(FOUR_WEEKS_MS, 0)
  expect(await partsOf()).toEqual({ [HOUR_MS]: 2, [DAY_MS]: 1, [WEEK_MS]: 1, [FOUR_WEEKS_MS]: 1 })
  await store.close()
}, 120_000)
