import { parseArgs } from 'node:util'
import { readToken, readTokens, type Tokens } from './access.ts'
import { readSites, type Sites } from './ingest/sites.ts'
import { LOG_LEVELS, type LogLevel } from './log.ts'

/** Where everything is stored: in a directory of ours, or in a ClickHouse database. */
export type StoreSetting = { kind: 'sqlite'; dataDir: string } | { kind: 'clickhouse'; url: string }

/** How this process was asked to run. */
export interface Settings {
  /** 0: any free one. */
  port: number
  host: string
  store: StoreSetting
  reapGraceMs: number
  /** Empty: any. */
  sites: Sites
  /** Records a minute from one address prefix for one site; 0: no limit. */
  rateLimit: number
  /** How many proxies of ours stand before this process. */
  trustedHops: number
  /** How long sessions and views are kept, in days; 0: for ever. */
  retentionDays: number
  tokens: Tokens
  /** Whether this process may end and count sessions; of such on one store exactly one does, the others stand by. */
  isKeeper: boolean
  logLevel: LogLevel
}

/** What was asked for on the command line. */
export type Command = { run: Settings } | { print: 'help' | 'version' } | { backup: { dataDir: string; copy: string } }

/** A setting that cannot be, told to whoever started us in one line. */
export class SettingError extends Error {}

export const HELP = `dwelltime collector: receives, stores and reports the time that people spend on pages.

Usage: dwelltime-collector [options]

  --port <number>         PORT        where to listen; 0 takes any free port (8787)
  --host <address>        HOST        on which address (127.0.0.1)
  --data-dir <directory>  DATA_DIR    where everything is stored (./data)
  --store <store>         STORE       sqlite, sqlite:./data or clickhouse:http://user:password@host:8123/database (sqlite)
  --keeper <0 or 1>       KEEPER      whether this one may end and count sessions; of many on one store one does, the others stand by (1)
  --reap-grace <seconds>  REAP_GRACE  how long a record may be on its way before its session is ended (300)
  --sites <list>          SITES       which sites may send, as in docs=https://docs.example.org,shop (any)
  --rate-limit <number>   RATE_LIMIT  records a minute from one address for one site; 0: no limit (6000)
  --trusted-hops <number> TRUSTED_HOPS  proxies of yours before this, whose X-Forwarded-For is true (0)
  --retention-days <number>  RETENTION_DAYS  days that sessions and views are kept, then only their counts; 0: for ever (0)
  --read-tokens <list>    READ_TOKENS who may read from elsewhere, as in 3f9a…,7bc1…;site=docs;page=/learn/* (nobody)
  --admin-token <token>   ADMIN_TOKEN who may delete users (nobody)
  --log-level <level>     LOG_LEVEL   debug, info, warn, error or silent (warn)
  --backup <file>                     writes a copy of the data directory's store there and ends; while it runs, too
  --help                              this text
  --version                           the version

Each option can also be set by the environment variable beside it; options win.
`

/** The longest grace, in seconds: nothing waits longer for a session to end than its day. */
const MAX_GRACE = 24 * 60 * 60

/** An office behind one address, all reading; a script that posts as fast as it can is far beyond. */
const RATE_LIMIT = '6000'

/** More proxies in a row than anybody has. */
const MAX_HOPS = 10

/** Views that may still change cannot be rolled up, and what is not rolled up is not deleted. */
const MIN_RETENTION_DAYS = 10

/** Options win over the environment, which wins over the defaults. Throws a SettingError. */
export function readCommand(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const options = parseOptions(args)
  if (options.help) return { print: 'help' }
  if (options.version) return { print: 'version' }

  const setting = (
    option: Exclude<keyof typeof options, 'help' | 'version' | 'backup'>,
    name: string,
    unset: string,
  ) => {
    if (options[option] !== undefined) return { name: `--${option}`, value: options[option] }
    return { name, value: env[name] || unset }
  }
  const dataDir = textOf(setting('data-dir', 'DATA_DIR', './data'))
  if (options.backup !== undefined) {
    return { backup: { dataDir, copy: textOf({ name: '--backup', value: options.backup }) } }
  }
  return {
    run: {
      port: numberOf(setting('port', 'PORT', '8787'), { max: 65_535, isWhole: true }),
      host: textOf(setting('host', 'HOST', '127.0.0.1')),
      store: storeOf(setting('store', 'STORE', 'sqlite'), dataDir),
      isKeeper: oneOf(setting('keeper', 'KEEPER', '1'), ['0', '1']) === '1',
      reapGraceMs: 1000 * numberOf(setting('reap-grace', 'REAP_GRACE', '300'), { max: MAX_GRACE, isWhole: false }),
      sites: within(setting('sites', 'SITES', ''), readSites),
      rateLimit: numberOf(setting('rate-limit', 'RATE_LIMIT', RATE_LIMIT), { max: 1e9, isWhole: true }),
      trustedHops: numberOf(setting('trusted-hops', 'TRUSTED_HOPS', '0'), { max: MAX_HOPS, isWhole: true }),
      retentionDays: retentionOf(setting('retention-days', 'RETENTION_DAYS', '0')),
      tokens: {
        read: within(setting('read-tokens', 'READ_TOKENS', ''), readTokens),
        ...adminOf(setting('admin-token', 'ADMIN_TOKEN', '')),
      },
      logLevel: oneOf(setting('log-level', 'LOG_LEVEL', 'warn'), LOG_LEVELS),
    },
  }
}

function parseOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        'data-dir': { type: 'string' },
        store: { type: 'string' },
        keeper: { type: 'string' },
        'reap-grace': { type: 'string' },
        sites: { type: 'string' },
        'rate-limit': { type: 'string' },
        'trusted-hops': { type: 'string' },
        'retention-days': { type: 'string' },
        'read-tokens': { type: 'string' },
        'admin-token': { type: 'string' },
        'log-level': { type: 'string' },
        backup: { type: 'string' },
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    })
    return values
  } catch (error) {
    // Node's message names the option; what follows its first sentence is for programmers.
    throw new SettingError(`${(error as Error).message.split(/[.\n]/)[0]} (see --help)`)
  }
}

interface Setting {
  name: string
  value: string
}

function numberOf({ name, value }: Setting, { max, isWhole }: { max: number; isWhole: boolean }): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
  if (number <= max && (!isWhole || Number.isInteger(number))) return number
  throw new SettingError(`${name}: want ${isWhole ? 'an integer' : 'a number'} from 0 to ${max}, not "${value}"`)
}

function textOf({ name, value }: Setting): string {
  if (value) return value
  throw new SettingError(`${name}: want a text that is not empty`)
}

function oneOf<const T extends string>({ name, value }: Setting, values: readonly T[]): T {
  const found = values.find((each) => each === value)
  if (found !== undefined) return found
  throw new SettingError(`${name}: want one of ${values.join(', ')}, not "${value}"`)
}

const STORES = 'want sqlite, sqlite:./data or clickhouse:http://user:password@host:8123/database'

/** Never repeats the value: it may have a password in it. */
function storeOf({ name, value }: Setting, dataDir: string): StoreSetting {
  const [, kind, place] = /^(sqlite|clickhouse)(?::(.+))?$/.exec(value) ?? []
  if (kind === 'sqlite') return { kind, dataDir: place ?? dataDir }
  if (kind === 'clickhouse' && place && /^https?:$/.test(protocolOf(place))) return { kind, url: place }
  throw new SettingError(`${name}: ${STORES}`)
}

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol
  } catch {
    return ''
  }
}

function retentionOf(setting: Setting): number {
  const days = numberOf(setting, { max: 36_500, isWhole: true })
  if (days === 0 || days >= MIN_RETENTION_DAYS) return days
  throw new SettingError(`${setting.name}: want 0 or at least ${MIN_RETENTION_DAYS}, not "${setting.value}"`)
}

const adminOf = (setting: Setting): Pick<Tokens, 'admin'> =>
  setting.value ? { admin: within(setting, readToken) } : {}

/** Puts the setting's name before what is wrong with its value. */
function within<T>({ name, value }: Setting, read: (value: string) => T): T {
  try {
    return read(value)
  } catch (error) {
    throw new SettingError(`${name}: ${(error as Error).message}`)
  }
}
