import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ClickHouseClient, createClient } from '@clickhouse/client'

/** ClickHouse's own engine as a library: the version that these tests are about. */
const VERSION = '3.4.0'

/** Ignored by git. Not among our dependencies: its other platforms cannot be locked. */
const cacheDir = fileURLToPath(new URL(`../../node_modules/.cache/chdb-${VERSION}`, import.meta.url))

/** The engine in this process, and the official client on it. */
export interface ChDb {
  createDatabase(name: string): Promise<void>
  connect(database: string): ClickHouseClient
  stop(): Promise<void>
}

type Connection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>

/** Installs the engine, if it is not there yet, in a folder of its own; answers what connects to it in a directory. */
export async function loadChDb(folder = cacheDir): Promise<(options: { path: string }) => Connection> {
  if (!existsSync(folder)) await install(folder)
  const require = createRequire(join(folder, 'package.json'))
  return (require('chdb/connection') as { createChdbConnection: (options: { path: string }) => Connection })
    .createChdbConnection
}

/** The engine, in an empty directory. */
export async function installChDb(): Promise<ChDb> {
  const connectTo = await loadChDb()
  const path = mkdtempSync(join(tmpdir(), 'dwelltime-chdb-'))
  const opened: ClickHouseClient[] = []
  const open = () => {
    const client = createClient({ connection: connectTo({ path }) })
    opened.push(client)
    return client
  }
  const first = open()
  return {
    createDatabase: async (name) => {
      await first.command({ query: `CREATE DATABASE ${name}` })
    },
    connect: (database) => inDatabase(open(), database),
    async stop() {
      for (const client of opened) await client.close()
      rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }) // it may still tidy up
    },
  }
}

/** Into a new folder that gets its name when it is whole: two tests may install at once. */
async function install(place: string): Promise<void> {
  mkdirSync(join(place, '..'), { recursive: true })
  const folder = mkdtempSync(join(place, '..', 'chdb-installing-'))
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const options = ['install', `chdb@${VERSION}`, '--no-audit', '--no-fund', '--no-save']
  await promisify(execFile)('npm', options, { cwd: folder, timeout: 600_000 })
  try {
    renameSync(folder, place)
  } catch (error) {
    rmSync(folder, { recursive: true })
    if (!existsSync(place)) throw error
  }
}

/** A server takes the database from the URL; a connection in this process is told by a statement of its own. */
function inDatabase(client: ClickHouseClient, database: string): ClickHouseClient {
  const chosen = client.command({ query: `USE ${database}` })
  const after =
    <Arguments extends unknown[], Result>(run: (...input: Arguments) => Promise<Result>) =>
    async (...input: Arguments) => {
      await chosen
      return run(...input)
    }
  return Object.assign(Object.create(client), {
    query: after(client.query.bind(client)),
    insert: after(client.insert.bind(client)),
    command: after(client.command.bind(client)),
    close: after(client.close.bind(client)),
  }) as ClickHouseClient
}
