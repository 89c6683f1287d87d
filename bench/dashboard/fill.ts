import { SQLITE } from '../reports/fill-sqlite.ts'
import { make } from '../reports/made.ts'
import { NOW } from '../reports/plan.ts'

// A collector's data directory with so many views, rolled up, as `bench/reports` has it.

const [, , dataDir, views] = process.argv
const { store } = await make(SQLITE, dataDir!, Number(views))
const [newest] = await store.read<{ session_id: string }>(
  { sqlite: 'SELECT session_id FROM sessions ORDER BY started_at DESC LIMIT 1', clickhouse: '' },
  {},
)
await store.close()
console.log(JSON.stringify({ now: NOW, session: newest!.session_id }))
