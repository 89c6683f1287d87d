import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { version } from '../package.json'
import { createApp } from './app.ts'
import { createClockWatch } from './clock-watch.ts'
import { keep } from './keeping.ts'
import { RefusedError } from './live/client.ts'
import { runMonitor } from './live/monitor.ts'
import { createLog } from './log.ts'
import { runMcp } from './mcp/stdio.ts'
import { HELP } from './settings/help.ts'
import { readCommand, SettingError, type Settings } from './settings.ts'
import { openClickHouseStore } from './store/clickhouse/clickhouse.ts'
import { databaseFile, openDataDirectory } from './store/data-directory.ts'
import { backupSqlite } from './store/sqlite/sqlite.ts'
import threadUrl from './store/sqlite/thread.ts?thread'
import { openSqliteThread } from './store/sqlite/thread-store.ts'
import type { Store } from './store/store.ts'

/** A whole post is at most 64 KiB: who takes longer than this holds a connection for its own sake. */
const SERVER_TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 } // ms

/** How long posts in flight may take after we were told to stop; then their connections are cut. */
const STOP_LIMIT_MS = 4_000

/** A clock is set once in a while, and somebody ought to know soon. */
const CLOCK_EVERY_MS = 5_000

async function run(settings: Settings): Promise<void> {
  const { store, place: data, release } = await openStore(settings)
  const now = () => new Date()
  const publicDir = fileURLToPath(new URL('public', import.meta.url))
  const log = createLog(settings.logLevel)
  const { app, metricsApp, flush, seen } = createApp({
    store,
    now,
    log,
    config: { ...settings, ...(existsSync(publicDir) && { publicDir }) },
  })
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: SERVER_TIMEOUTS }) as Server
  const metricsServer = createAdaptorServer({ fetch: metricsApp.fetch, serverOptions: SERVER_TIMEOUTS }) as Server
  const metricsPort = settings.metrics.isEnabled ? settings.metrics.port : undefined

  if (settings.isKeeper) await store.holdLease()
  // Who reads that we listen may stop us at once.
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  await listen(server, settings, 'PORT')
  if (metricsPort !== undefined) {
    await listen(metricsServer, { host: settings.host, port: metricsPort }, 'PROMETHEUS_METRICS_PORT')
  }
  const metrics = metricsPort === undefined ? server : metricsServer
  const place = { data, metrics: `${originOf(metrics)}${settings.metrics.path}` }
  console.log(welcome(originOf(server), { ...place, hasMetrics: settings.metrics.isEnabled }))
  const stopping = new AbortController()
  const lookAtClock = createClockWatch(log, { wall: Date.now, monotonic: () => performance.now() })
  const watching = setInterval(lookAtClock, CLOCK_EVERY_MS)
  const keeping = settings.isKeeper ? keep({ settings, store, seen, log, until: stopping.signal }) : undefined

  await stopped
  stopping.abort()
  clearInterval(watching)
  log.info({}, 'stopping')
  const keptTo = Promise.resolve(keeping).then(() => seen.stop()) // streams end when everything was told
  await Promise.all([close(server), metricsPort !== undefined && close(metricsServer), keptTo])
  await flush()
  await store.close()
  release()
}

async function openStore(settings: Settings): Promise<{ store: Store; place: string; release: () => void }> {
  const setting = settings.store
  if (setting.kind === 'clickhouse') {
    const store = await withinAsync('STORE', () => openClickHouseStore(setting.url))
    return { store, place: `ClickHouse at ${new URL(setting.url).host}`, release() {} }
  }
  const directory = within('DATA_DIR', () => openDataDirectory(setting.dataDir))
  const keeps = settings.isKeeper ? { rules: settings.metrics.rules, alerts: settings.alerts.rules } : undefined
  const thread = { file: directory.databaseFile, keeps }
  const store = await withinAsync('DATA_DIR', () => openSqliteThread(new URL(threadUrl), thread))
  return { store, place: directory.path, release: directory.release }
}

async function listen(server: Server, { host, port }: Pick<Settings, 'host' | 'port'>, setting: string) {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new SettingError(`${setting}: ${port} is taken on ${host}`)
    if (code === 'EACCES') throw new SettingError(`${setting}: ${port} is not allowed for this user`)
    throw new SettingError(`HOST: ${message}`)
  }
}

/** Resolves when every post in flight is answered, which it is only when it is durable. */
async function close(server: Server): Promise<void> {
  server.close()
  // A kept-alive connection is idle again after its answer; without this it would hold us for its whole timeout.
  const sweeping = setInterval(() => server.closeIdleConnections(), 20)
  const limit = setTimeout(() => server.closeAllConnections(), STOP_LIMIT_MS)
  await once(server, 'close')
  clearInterval(sweeping)
  clearTimeout(limit)
}

function originOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function welcome(origin: string, place: { data: string; metrics: string; hasMetrics: boolean }): string {
  return `dwelltime collector listening on ${origin}
  script    <script async src="${origin}/dwelltime.js"></script>
  dashboard ${origin}/
  demo      ${origin}/demo/
  sessions  ${origin}/api/reports/sessions
  live      ${origin}/api/live
  metrics   ${place.hasMetrics ? place.metrics : 'off'}
  data      ${place.data}`
}

function backup({ dataDir, copy }: { dataDir: string; copy: string }): void {
  within('--backup', () => {
    if (existsSync(copy)) throw new Error(`${copy} is there already`)
    const file = databaseFile(dataDir)
    if (!existsSync(file)) throw new Error(`there is no ${file}`)
    backupSqlite(file, copy)
  })
  console.log(`copied to ${copy}`)
}

/** Puts the setting's name before what is wrong with its value. */
function within<T>(setting: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    throw new SettingError(`${setting}: ${(error as Error).message}`)
  }
}

async function withinAsync<T>(setting: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    throw new SettingError(`${setting}: ${(error as Error).message}`)
  }
}

/** Prints until it is told to stop, or nobody reads any more. */
async function monitor(args: readonly string[]): Promise<void> {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  process.stdout.on('error', () => stopping.abort())
  await runMonitor({
    args,
    env: process.env,
    print: (line) => console.log(line),
    note: (line) => console.error(`dwelltime: ${line}`),
    isColoured: process.stdout.isTTY === true && !process.env.NO_COLOR,
    signal: stopping.signal,
  })
}

async function start([name, ...rest]: readonly string[]): Promise<void> {
  if (name === 'monitor') return monitor(rest)
  if (name === 'mcp') return runMcp(rest, process.env)
  const command = readCommand(process.argv.slice(2), process.env)
  if ('run' in command) await run(command.run)
  else if ('backup' in command) backup(command.backup)
  else console.log(command.print === 'help' ? HELP : version)
}

try {
  await start(process.argv.slice(2))
} catch (error) {
  const isToldWrong = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')
  if (!(error instanceof SettingError || error instanceof RefusedError || isToldWrong)) throw error
  for (const line of (error as Error).message.split('\n')) console.error(`dwelltime: ${line}`)
  process.exitCode = 1
}
