import type { ClickHouseClient } from '@clickhouse/client'
import type { Parameters } from '../store.ts'

type Row = Record<string, unknown>

/** A ClickHouse database as this store speaks to it. Errors name what failed, never the rows that it failed on. */
export interface ClickHouseDatabase {
  read<T>(sql: string, parameters?: Parameters): Promise<T[]>
  insert(table: string, rows: readonly object[]): Promise<void>
  /** Rewrites what is stored without these rows, and resolves when that is done. */
  deleteWhere(table: string, condition: string, parameters: Parameters): Promise<void>
  command(sql: string): Promise<void>
  close(): Promise<void>
}

/**
 * With every question, in its text, so that they hold for it alone: only the newest version of each row, all of which are
 * in one partition; nothing for aggregates of nothing, columns before their aliases and whole numbers as numbers, as in
 * SQLite.
 */
const READ_SETTINGS = `SETTINGS final = 1, do_not_merge_across_partitions_select_final = 1,
  aggregate_functions_null_for_empty = 1, prefer_column_name_to_alias = 1, output_format_json_quote_64bit_integers = 0,
  max_execution_time = 30`

/** A missing value is a fault, not a default; an insert is answered when it is written. */
const INSERT_SETTINGS = { input_format_null_as_default: 0, async_insert: 1, wait_for_async_insert: 1 } as const

class ClickHouseFault extends Error {}

export function createDatabase(client: ClickHouseClient): ClickHouseDatabase {
  return {
    read<T>(sql: string, parameters: Parameters = {}) {
      return told('a question', async () => {
        const query = `${typed(sql, parameters)}\n${READ_SETTINGS}`
        const result = await client.query({ query, query_params: parameters, format: 'JSONEachRow' })
        return (await result.json()) as T[]
      })
    },
    async insert(table, rows) {
      if (rows.length === 0) return
      await told(`an insert into ${table}`, () =>
        client.insert({ table, values: rows as Row[], format: 'JSONEachRow', clickhouse_settings: INSERT_SETTINGS }),
      )
    },
    async deleteWhere(table, condition, parameters) {
      const sql = typed(`ALTER TABLE ${table} DELETE WHERE ${condition} SETTINGS mutations_sync = 2`, parameters)
      await told(`a deletion from ${table}`, () => client.command({ query: sql, query_params: parameters }))
    },
    async command(sql) {
      await told('a command', () => client.command({ query: sql }))
    },
    close: () => client.close(),
  }
}

/** `:name` as ClickHouse wants it, with the type that the value has. */
function typed(sql: string, parameters: Parameters): string {
  return sql.replace(/:([a-z]\w*)/gi, (text, name: string) =>
    Object.hasOwn(parameters, name) ? `{${name}:${typeOf(parameters[name]!)}}` : text,
  )
}

function typeOf(value: string | number | null): string {
  if (typeof value === 'string') return 'String'
  return Number.isInteger(value) ? 'Int64' : 'Float64'
}

/** The first words of an error of the server say what kind it is; what follows may quote what was stored. */
async function told<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const { code, type, message } = error as { code?: string; type?: string; message: string }
    const kind = type ?? message.split('\n')[0]!.slice(0, 120)
    throw new ClickHouseFault(`ClickHouse refused ${what}: ${[code, kind].filter(Boolean).join(' ')}`)
  }
}
