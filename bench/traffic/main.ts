import { parseArgs } from 'node:util'
import { openDataDirectory } from '../../collector/src/store/data-directory.ts'
import { openSqliteStore } from '../../collector/src/store/sqlite/sqlite.ts'
import { fill } from './fill.ts'
import { traffic } from './traffic.ts'

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    days: { type: 'string', default: '90' },
    views: { type: 'string', default: '60000' },
    seed: { type: 'string', default: '1' },
    end: { type: 'string', default: new Date().toISOString() },
    hours: { type: 'string' },
  },
})
const { 'data-dir': dataDir, ...rest } = values
const numbers = { days: Number(rest.days), views: Number(rest.views), seed: Number(rest.seed) }
const end = Date.parse(rest.end)
const from = rest.hours === undefined ? 0 : end - Number(rest.hours) * 3_600_000
if (!dataDir) throw new Error('--data-dir: want the directory of a collector that does not run')
for (const [name, value] of Object.entries({ ...numbers, end, hours: from })) {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name}: want a number, not ${value}`)
}

const startedAt = performance.now()
const directory = openDataDirectory(dataDir)
const store = openSqliteStore(directory.databaseFile)
const filled = await fill(store, arriving(), end)
await store.close()
directory.release()
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
console.log(
  `${filled.posts} posts until ${new Date(end).toISOString()}: ${filled.accepted} records taken, ${filled.refused} refused; ${seconds} s`,
)

function* arriving() {
  for (const post of traffic({ ...numbers, end })) if (post.at >= from) yield post
}
