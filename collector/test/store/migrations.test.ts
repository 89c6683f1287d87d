import { join } from 'node:path'
import Database from 'libsql'
import { expect, test } from 'vitest'
import { MIGRATIONS } from '../../src/store/sqlite/migrate.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite.ts'
import { createCollector } from '../support/collector.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { id, START, view } from '../support/records.ts'

/** A database as the first version left it: two views of an ended session that was counted, one not looked at yet. */
function writeFirstVersion(file: string): void {
  const db = new Database(file)
  db.exec(`BEGIN; ${MIGRATIONS[0]}; PRAGMA user_version = 1; COMMIT`)
  const addView = db.prepare(`
    INSERT INTO views (view_id, seq, session_id, site, path, started_at, total_ms, visible_ms, engaged_ms,
                       received_at, skew_ms, record)
    VALUES (?, 1, ?, 'docs', '/learn/algebra', ?, 60000, 60000, 60000, ?, ?, ?)`)
  const record = (digits: string, changes: object) => JSON.stringify(view({ viewId: id(digits), ...changes }))
  const first = record('a1', { pageGroup: 'lesson', utm: { campaign: 'spring' }, samplingRate: 0.5, userId: 'ann' })
  addView.run(id('a1'), id('5e'), START, START + 61_000, 90_000, first)
  addView.run(
    id('a2'),
    id('5e'),
    START,
    START + 61_000,
    null,
    record('a2', { thresholds: [10, 30], samplingRate: 0.5 }),
  )
  addView.run(id('b1'), id('5f'), START, START + 61_000, 0, record('b1', { sessionId: id('5f') }))
  db.exec(`
    INSERT INTO sessions (session_id, site, user_id, visitor_id, started_at, ended_at, last_activity_at, duration_ms,
                          total_ms, visible_ms, engaged_ms, sampling_rate, status, end_reason, component_name,
                          alive_until, heartbeat_ms)
    VALUES ('${id('5e')}', 'docs', 'ann', 'visitor-1', ${START}, ${START + 60_000}, ${START + 60_000}, 60000,
            60000, 60000, 60000, 0.5, 'success', 'explicit', 'docs', 0, 0);
    INSERT INTO changed_sessions (session_id) VALUES ('${id('5f')}');
    INSERT INTO counters VALUES ('session_start_total', '{"component_name":"docs","shell_type":"ScriptTag"}', 1);
    INSERT INTO counters VALUES ('session_end_total', '{"component_name":"docs","status":"success"}', 1);`)
  db.close()
}

test('what the first version stored is in every report of this one, and nothing is counted again', async () => {
  const file = join(temporaryDirectory(), 'dwelltime.db')
  writeFirstVersion(file)
  const { report, metrics, clock, store } = createCollector(openSqliteStore(file))
  clock.now = START + 24 * 60 * 60 * 1000
  const day = { start_date: '2026-06-15', end_date: '2026-06-15' }

  expect(await report('overview', day)).toMatchObject([
    { views: { sampled: 3, estimated: 5 }, sessions: { sampled: 2, estimated: 3 } },
  ])
  expect(await report('overview', { ...day, page_group: 'lesson', campaign: 'spring', user: 'ann' })).toMatchObject([
    { views: { sampled: 1, estimated: 2 }, sessions: { sampled: 1 } },
  ])
  expect((await report('thresholds', day)).map(({ threshold, views }) => [threshold, views.sampled])).toEqual([
    [0, 2],
    [30, 1],
  ])
  expect(await report('campaigns', day)).toMatchObject([{ name: 'spring' }, { name: '' }])
  expect(await metrics('session_')).toEqual(
    expect.arrayContaining([
      'session_start_total{component_name="docs",shell_type="ScriptTag"} 2',
      'session_end_total{component_name="docs",status="success"} 1',
    ]),
  )
  expect(await metrics('session_amended_total')).toEqual([])
  expect(await store.deleteUser('ann', clock.now)).toEqual({ sessions: 1, views: 2 })
})

test('a step that fails leaves the schema before it', () => {
  const file = join(temporaryDirectory(), 'dwelltime.db')
  writeFirstVersion(file)
  const db = new Database(file)
  db.exec('CREATE TABLE set_aside (in_the_way TEXT)') // the second step stumbles over it in its middle
  db.close()
  expect(() => openSqliteStore(file)).toThrow('set_aside')
  const after = new Database(file)
  expect(after.prepare('PRAGMA user_version').all()).toEqual([{ user_version: 1 }])
  const columns = after.prepare('PRAGMA table_info(views)').all() as { name: string }[]
  expect(columns.map(({ name }) => name)).not.toContain('began_at')
  after.exec('DROP TABLE set_aside')
  after.close()
  expect(() => openSqliteStore(file)).not.toThrow()
})

test('a new store has the schema of an upgraded one', async () => {
  const directory = temporaryDirectory()
  writeFirstVersion(join(directory, 'old.db'))
  const schemas = ['old.db', 'new.db'].map((name) => {
    openSqliteStore(join(directory, name)).close()
    const db = new Database(join(directory, name))
    return db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()
  })
  expect(schemas[0]).toEqual(schemas[1])
})
