import type Database from 'libsql'
import init from './migrations/0001-init.sql?raw'
import reports from './migrations/0002-reports.sql?raw'
import tiers from './migrations/0003-tiers.sql?raw'
import seen from './migrations/0004-seen.sql?raw'
import shelves from './migrations/0005-shelves.sql?raw'
import partsOfDays from './migrations/0006-parts-of-days.sql?raw'
import { inTransaction } from './transaction.ts'

/** In order, each applied once; `user_version` counts those applied. Never edit one that was released: add another. */
export const MIGRATIONS = [init, reports, tiers, seen, shelves, partsOfDays]

/** Brings the database up from whatever earlier schema it has: each step whole or not at all. */
export function migrate(db: Database.Database): void {
  const [row] = db.prepare('PRAGMA user_version').all() as [{ user_version: number }]
  if (row.user_version > MIGRATIONS.length) {
    throw new Error(`was written by a newer version (schema ${row.user_version}, known ${MIGRATIONS.length})`)
  }
  MIGRATIONS.slice(row.user_version).forEach((sql, index) => {
    const version = row.user_version + index + 1
    inTransaction(db, () => db.exec(`${sql}; PRAGMA user_version = ${version}`))()
  })
}
