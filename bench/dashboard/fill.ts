import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openSqliteStore } from '../../collector/src/store/sqlite/sqlite.ts'
import { rollUp } from '../../collector/src/tallies/roll-up.ts'
import { fillSqlite } from '../reports/fill-sqlite.ts'
import { NOW, planFor } from '../reports/plan.ts'

// A collector's data directory with so many views, rolled up, as `bench/reports` has it.

const [, , dataDir, views] = process.argv
mkdirSync(dataDir!, { recursive: true })
const file = join(dataDir!, 'dwelltime.db')
await openSqliteStore(file).close()
fillSqlite(file, planFor(Number(views)))
const store = openSqliteStore(file)
while (await rollUp(store, NOW));
const [newest] = await store.read<{ session_id: string }>(
  { sqlite: 'SELECT session_id FROM sessions ORDER BY started_at DESC LIMIT 1', clickhouse: '' },
  {},
)
await store.close()
console.log(JSON.stringify({ now: NOW, session: newest!.session_id }))
