import type Database from 'libsql'

/** The whole of it or nothing. Not libsql's own: where SQLite has rolled back by itself (a full disk), that hides why. */
export const inTransaction =
  <Input extends unknown[], Result>(db: Database.Database, run: (...input: Input) => Result) =>
  (...input: Input): Result => {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = run(...input)
      db.exec('COMMIT')
      return result
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
