import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { createClickHouseStore } from '../../collector/src/store/clickhouse/clickhouse.ts'
import { loadChDb } from '../../collector/test/support/chdb.ts'
import type { Engine } from './made.ts'
import type { Plan } from './plan.ts'

// The same as for SQLite, in ClickHouse's words.

const even = (salt: number, view = '0') => `(cityHash64(number, ${view}, ${salt}) / 18446744073709551616)`
const idOf = (salt: number, view = '0') => `lower(hex(sipHash128(number, ${view}, ${salt})))`
const bucket = (ms: string) => `if(${ms} > 0, 1 + toInt32(floor(log(${ms}) / log(1.02))), 0)`

const SESSIONS = ({ sessions, from, everyMs }: Plan, first: number, amount: number) => `
  SELECT number, ${idOf(1)} AS session_id, ${from} + number * ${everyMs} AS started_at, 1 + toInt64(${even(3)} * 5) AS view_count,
         concat('visitor-', toString(toInt64(${even(4)} * ${Math.ceil(sessions / 3)}))) AS visitor,
         multiIf(${even(5)} < 0.6, 'desktop', ${even(5)} < 0.95, 'mobile', 'tablet') AS device_class,
         if(${even(6)} < 0.02, 1, 0) AS bot,
         if(${even(7)} < 0.3, concat('campaign-', toString(toInt64(${even(8)} * 20))), '') AS came_by,
         if(${even(9)} < 0.5, concat('referrer-', toString(toInt64(${even(10)} * 50))), '') AS came_from
  FROM numbers(${first}, ${amount})`

const page = (view: string) => `concat('/page-', toString(toInt64(pow(${even(22, view)}, 3) * 500)))`

const views = (plan: Plan, first: number, amount: number) => `
  INSERT INTO views (view_id, seq, session_id, site, path, started_at, began_at, weight, total_ms, visible_ms, engaged_ms,
                     visible_bucket, engaged_bucket, page_group, referrer, campaign, user_id, visitor_id, threshold, timers,
                     received_at, skew_ms, via, device, is_bot, record)
  SELECT view_key, 3, session_id, 'docs', page, began, began, 1, visible + 5000, visible, engaged, ${bucket('visible')},
         ${bucket('engaged')}, 'lesson', came_from, came_by, '', visitor,
         multiIf(engaged >= 30000, 30, engaged >= 10000, 10, 0),
         if(${even(24, 'view')} < 0.01, '{"lesson-1":[60000,52000,41000]}', ''), began + visible + 5100, 40,
         if(view = view_count - 1, 'beacon', 'fetch'), device_class, bot,
         concat('{"site":"docs","client":"ScriptTag","viewId":"', view_key, '","seq":3,"sessionId":"', session_id,
           '","sessionStartedAt":', toString(started_at), ',"lastActivityAt":', toString(began + visible),
           ',"sessionTimeoutMs":1860000,"maxSessionMs":43200000,"heartbeatMs":60000,"visitorId":"', visitor, '","path":"', page,
           '","title":"A page with a title of usual length","startedAt":', toString(began), ',"totalMs":',
           toString(visible + 5000), ',"visibleMs":', toString(visible), ',"engagedMs":', toString(engaged),
           ',"state":"hidden","reason":"hidden","spans":[["engaged",0,', toString(engaged), '],["idle",', toString(engaged),
           ',', toString(visible), ']],"endReason":"leave","samplingRate":1,"samplingUnit":"session","scrollDepth":0.5}')
  FROM (
    SELECT *, view, ${idOf(20, 'view')} AS view_key, started_at + view * 60000 AS began, ${page('view')} AS page,
           500 + toInt64(-log(${even(23, 'view')} + 1e-9) * 40000) AS visible, intDiv(visible * 6, 10) AS engaged
    FROM (${SESSIONS(plan, first, amount)}) ARRAY JOIN range(view_count) AS view
  )`

const sessions = (plan: Plan, first: number, amount: number) => `
  INSERT INTO kept (kind, id, version, session_id, seq_sum, site, visitor_id, person, started_at, ended_at, last_activity_at,
                    duration_ms, total_ms, visible_ms, engaged_ms, duration_bucket, visible_bucket, engaged_bucket, status,
                    end_reason, component_name, heartbeat_ms, view_count, entry_path, exit_path, page_group, referrer,
                    campaign, device, is_bot, breaks, tenths)
  SELECT 'session', session_id, 1, session_id, toString(view_count * 3), 'docs', visitor, visitor, started_at,
         started_at + length, started_at + length, length, length, seen, intDiv(seen * 6, 10), ${bucket('length')},
         ${bucket('seen')}, ${bucket('intDiv(seen * 6, 10)')}, 'success', 'inactivity', 'docs', 60000, view_count,
         ${page('0')}, ${page('(view_count - 1)')}, 'lesson', came_from, came_by, device_class, bot,
         if(${even(31)} < 0.5, concat('[["hidden",5000,', toString(toInt64(1000 + ${even(32)} * 90000)), ']]'), '[]'),
         concat('[', toString(intDiv(length, 20)), ',1000,1000,1000,1000,1000,1000,1000,1000,', toString(intDiv(length, 20)), ']')
  FROM (
    SELECT *, view_count * 60000 AS length, toInt64(view_count * 50000 * ${even(30)}) AS seen
    FROM (${SESSIONS(plan, first, amount)})
  )`

/** Sessions per statement. */
const PORTION = 500_000

export const CHDB: Engine = {
  async fill(directory, plan) {
    const { client, store } = await connected(directory)
    for (let first = 0; first < plan.sessions; first += PORTION) {
      const amount = Math.min(PORTION, plan.sessions - first)
      await client.command({ query: views(plan, first, amount) })
      await client.command({ query: sessions(plan, first, amount) })
    }
    await store.close()
  },
  open: async (directory) => ({ store: (await connected(directory)).store, bytes: () => bytesIn(directory) }),
}

/** As many questions as a report asks at once. */
const CONNECTIONS = 4

async function connected(directory: string) {
  const connectTo = await loadChDb(process.env.CHDB_DIR)
  const clients = Array.from({ length: CONNECTIONS }, () =>
    createClient({ connection: connectTo({ path: directory }) }),
  )
  await clients[0]!.command({ query: 'CREATE DATABASE IF NOT EXISTS bench' })
  for (const each of clients) await each.command({ query: 'USE bench' })
  const client = sideBySide(clients)
  return { client, store: await createClickHouseStore(client) }
}

/**
 * Answers questions side by side, as a server does: in turns over several connections, and with the values in their
 * text, since chDB's binding for Node takes those with parameters one after the other, whatever the connection.
 */
function sideBySide(clients: readonly ClickHouseClient[]): ClickHouseClient {
  const [first] = clients as [ClickHouseClient]
  let turn = 0
  return Object.assign(Object.create(first), {
    command: first.command.bind(first),
    insert: first.insert.bind(first),
    query({ query, query_params = {}, ...rest }: Parameters<ClickHouseClient['query']>[0]) {
      const withValues = query.replace(
        /\{(\w+):(\w+)\}/g,
        (_, name: string, type: string) => `CAST(${literal(query_params[name])}, '${type}')`,
      )
      return clients[turn++ % clients.length]!.query({ query: withValues, ...rest })
    },
    async close() {
      for (const each of clients) await each.close()
    },
  }) as ClickHouseClient
}

const literal = (value: unknown) =>
  typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : String(value ?? 'NULL')

function bytesIn(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
    if (!entry.isFile()) return sum
    try {
      return sum + statSync(join(entry.parentPath, entry.name)).size
    } catch {
      return sum // merged away meanwhile
    }
  }, 0)
}
