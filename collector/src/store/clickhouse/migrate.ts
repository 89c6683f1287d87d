import { setTimeout } from 'node:timers/promises'
import type { ClickHouseDatabase } from './database.ts'
import init from './migrations/0001-init.sql?raw'
import keepers from './migrations/0002-keepers.sql?raw'
import tiers from './migrations/0003-tiers.sql?raw'
import seen from './migrations/0004-seen.sql?raw'
import shelves from './migrations/0005-shelves.sql?raw'
import freshDays from './migrations/0006-fresh-days.sql?raw'
import nearer from './migrations/0007-nearer.sql?raw'
import byTime from './migrations/0008-by-time.sql?raw'
import freshDaysNearer from './migrations/0009-fresh-days-nearer.sql?raw'
import tiersApart from './migrations/0010-tiers-apart.sql?raw'
import sums from './migrations/0011-sums.sql?raw'

/** In order, each applied once. Never edit one that was released: add another. */
const MIGRATIONS = [init, keepers, tiers, seen, shelves, freshDays, nearer, byTime, freshDaysNearer, tiersApart, sums]

const VERSIONS = `
  CREATE TABLE IF NOT EXISTS schema_versions (version UInt32) ENGINE = ReplacingMergeTree ORDER BY version
  SETTINGS fsync_after_insert = 1`

/** Other collectors may do the same at once, and be in the way of a step of ours: it is begun anew so often. */
const ATTEMPTS = 5
const PAUSE_MS = 1_000

/** Brings the database up from whatever earlier schema it has. ClickHouse knows no transaction over statements. */
export async function migrate(database: ClickHouseDatabase): Promise<void> {
  await database.command(VERSIONS)
  for (let attempt = 1; ; attempt++) {
    const version = await versionOf(database)
    try {
      return await migrateFrom(version, database)
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
      await setTimeout(PAUSE_MS)
    }
  }
}

async function versionOf(database: ClickHouseDatabase): Promise<number> {
  const [row] = await database.read<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM schema_versions',
  )
  const { version } = row!
  if (version > MIGRATIONS.length) {
    throw new Error(`was written by a newer version (schema ${version}, known ${MIGRATIONS.length})`)
  }
  return version
}

async function migrateFrom(version: number, database: ClickHouseDatabase): Promise<void> {
  for (const [index, sql] of MIGRATIONS.slice(version).entries()) {
    for (const statement of statementsOf(sql)) await database.command(again(statement))
    await database.insert('schema_versions', [{ version: version + index + 1 }])
  }
}

const statementsOf = (sql: string) =>
  sql
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')

/** A step that was broken off is begun anew. */
const again = (statement: string) => statement.replace(/^CREATE (TABLE|VIEW) /, 'CREATE $1 IF NOT EXISTS ')
