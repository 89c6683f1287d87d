import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import { loadChDb } from './chdb.ts'

/** As long an address as a ClickHouse server takes, in bytes (`http_max_uri_size`). */
const MAX_URL = 1024 * 1024

/** What is in an address beside settings. */
const NO_SETTINGS = ['query', 'query_id', 'database', 'session_id', 'role']

/** ClickHouse's HTTP interface as far as the official client uses it, before the real engine. */
export interface ClickHouseServer {
  /** For `STORE`, after `clickhouse:`. */
  url(database: string): Promise<string>
  stop(): Promise<void>
}

/** Its one session runs one query at a time: so does this server. */
export async function startClickHouseServer(): Promise<ClickHouseServer> {
  const connectTo = await loadChDb()
  const path = mkdtempSync(join(tmpdir(), 'dwelltime-chdb-'))
  const client = createClient({ connection: connectTo({ path }) })

  async function run(request: IncomingMessage): Promise<string> {
    const asked = new URL(request.url!, 'http://localhost').searchParams
    const body = await textOf(request)
    const inAddress = asked.get('query')
    const settings: Record<string, string> = {}
    const query_params: Record<string, unknown> = {}
    for (const [name, value] of asked) {
      if (name.startsWith('param_')) query_params[name.slice('param_'.length)] = unescaped(value)
      else if (!NO_SETTINGS.includes(name)) settings[name] = value
    }
    return inTurn(async () => {
      await client.command({ query: `USE ${asked.get('database') ?? 'default'}` })
      const { stream } = await client.exec({
        query: inAddress ?? body,
        ...(inAddress !== null && { values: body as never }),
        query_params,
        clickhouse_settings: settings,
      })
      return textOf(stream)
    })
  }

  let queue: Promise<unknown> = Promise.resolve()
  function inTurn<T>(next: () => Promise<T>): Promise<T> {
    const result = queue.then(next)
    queue = result.catch(() => {})
    return result
  }

  const server = createServer({ maxHeaderSize: MAX_URL }, async (request, response) => {
    try {
      response.end(await run(request))
    } catch (error) {
      const { code, type, message } = error as { code?: string; type?: string; message: string }
      response.writeHead(500, { 'X-ClickHouse-Exception-Code': code ?? '0' })
      response.end(code ? `Code: ${code}. DB::Exception: ${message} (${type})` : message)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    async url(database) {
      await inTurn(() => client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` }))
      return `http://127.0.0.1:${port}/${database}`
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await inTurn(() => client.close())
      rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }) // it may still tidy up
    },
  }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** A value in an address is written as in TSV. */
const unescaped = (text: string) =>
  text.replace(/\\(.)/g, (_, letter: string) => ({ t: '\t', n: '\n', r: '\r' })[letter] ?? letter)
