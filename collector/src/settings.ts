import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readTokens, type Tokens } from './access.ts'
import type { AlertRule } from './alerts/rules.ts'
import { readSites, type Sites } from './ingest/sites.ts'
import type { StatsBlock } from './live/stats-block.ts'
import { LOG_LEVELS, type LogLevel } from './log.ts'
import type { CountingRules } from './metrics/counts.ts'
import { PathError, readAlerts, readBuckets, readPageGroups, readShellTypes, readStats } from './settings/seen.ts'
import { DEFAULT_CONFIG, findSetting, readConfig, type Setting, type Sources } from './settings/sources.ts'
import {
  adminOf,
  numberOf,
  oneOf,
  pathOf,
  plain,
  retentionOf,
  secretOf,
  storeOf,
  textOf,
  truthOf,
} from './settings/values.ts'

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
  metrics: MetricsSetting
  live: LiveSetting
  alerts: AlertsSetting
}

/** How Prometheus finds us, and how we count. */
export interface MetricsSetting {
  isEnabled: boolean
  path: string
  /** Undefined: where everything else is. 0: any free one. */
  port: number | undefined
  rules: CountingRules
}

export interface LiveSetting {
  /** By site; `*`: every other one. */
  stats: ReadonlyMap<string, StatsBlock>
  maxClients: number
}

export interface AlertsSetting {
  rules: readonly AlertRule[]
  /** Signs what is sent; there is one if there is a rule. */
  secret: string
  isPrivateAllowed: boolean
}

/** What was asked for on the command line. */
export type Command = { run: Settings } | { print: 'help' | 'version' } | { backup: { dataDir: string; copy: string } }

/** A setting that cannot be, told to whoever started us in one line. */
export class SettingError extends Error {}

/** The longest grace, in seconds: nothing waits longer for a session to end than its day. */
const MAX_GRACE = 24 * 60 * 60

/** An office behind one address, all reading; a script that posts as fast as it can is far beyond. */
const RATE_LIMIT = '6000'

/** More proxies in a row than anybody has. */
const MAX_HOPS = 10

/** Reads a file's text; undefined if there is none. */
export type ReadText = (file: string) => string | undefined

const readText: ReadText = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)

/** Throws a SettingError with a line for each thing that is wrong. */
export function readCommand(args: readonly string[], env: NodeJS.ProcessEnv, read: ReadText = readText): Command {
  const options = parseOptions(args)
  if (options.help) return { print: 'help' }
  if (options.version) return { print: 'version' }

  const problems: string[] = []
  const sources = readSources(options, env, read, problems)
  const setting = (option: OptionName, unset: unknown = ''): Setting =>
    findSetting(sources, option) ?? { name: `--${option}`, value: unset }
  /** What is wrong is told in the end, all of it at once. */
  const of = <T>(option: OptionName, unset: unknown, readValue: (setting: Setting) => T): T => {
    try {
      return readValue(setting(option, unset))
    } catch (error) {
      problems.push(...problemsOf(setting(option, unset), error))
      return undefined as T // never seen: there is a problem
    }
  }
  const done = <T extends Command>(command: T): T => {
    if (problems.length > 0) throw new SettingError(problems.join('\n'))
    return command
  }

  const dataDir = of('data-dir', './data', textOf)
  if (options.backup !== undefined) {
    return done({ backup: { dataDir, copy: of('backup', '', textOf) } })
  }
  const port = { max: 65_535, isWhole: true }
  const rules = of('alerts', [], readAlerts)
  return done({
    run: {
      port: of('port', '8787', numberOf(port)),
      host: of('host', '127.0.0.1', textOf),
      store: of('store', 'sqlite', storeOf(dataDir)),
      isKeeper: of('keeper', '1', oneOf(['0', '1'])) === '1',
      reapGraceMs: 1000 * of('reap-grace', '300', numberOf({ max: MAX_GRACE, isWhole: false })),
      sites: of('sites', '', ({ value }) => readSites(plain(value))),
      rateLimit: of('rate-limit', RATE_LIMIT, numberOf({ max: 1e9, isWhole: true })),
      trustedHops: of('trusted-hops', '0', numberOf({ max: MAX_HOPS, isWhole: true })),
      retentionDays: of('retention-days', '0', retentionOf),
      tokens: {
        read: of('read-tokens', '', ({ value }) => readTokens(plain(value))),
        ...of('admin-token', '', adminOf),
      },
      logLevel: of('log-level', 'warn', oneOf(LOG_LEVELS)),
      metrics: {
        isEnabled: of('enable-prometheus-metrics', 'true', truthOf),
        path: of('prometheus-metrics-path', '/metrics', pathOf),
        port: findSetting(sources, 'prometheus-metrics-port')
          ? of('prometheus-metrics-port', '', numberOf(port))
          : undefined,
        rules: {
          buckets: of('histogram-buckets', {}, readBuckets),
          pageGroups: of('page-groups', [], readPageGroups),
          shellTypes: of('shell-types', [], readShellTypes),
        },
      },
      live: {
        stats: of('stats', {}, readStats),
        maxClients: of('max-live-clients', '500', numberOf({ max: 10_000, isWhole: true })),
      },
      alerts: {
        rules,
        secret: of('webhook-secret', '', secretOf(rules?.length > 0)),
        isPrivateAllowed: of('allow-private-webhooks', 'false', truthOf),
      },
    },
  })
}

type OptionName = keyof ReturnType<typeof parseOptions> & string

function readSources(options: Sources['options'], env: NodeJS.ProcessEnv, read: ReadText, problems: string[]): Sources {
  const asked = findSetting({ options, env, file: {}, fileName: '' }, 'config')
  const fileName = String(asked?.value ?? DEFAULT_CONFIG)
  let file: Record<string, unknown> = {}
  try {
    const text = read(fileName)
    if (text === undefined && asked) throw new Error('there is no such file')
    file = readConfig(text ?? '')
  } catch (error) {
    problems.push(`${fileName}: ${(error as Error).message}`)
  }
  for (const key of Object.keys(file)) {
    if (!IN_FILE.has(key)) problems.push(`${fileName}: ${key}: want no such setting`)
  }
  return { options, env, file, fileName }
}

function problemsOf({ name }: Setting, error: unknown): string[] {
  const errors = error instanceof AggregateError ? (error.errors as Error[]) : [error as Error]
  return errors.map((each) => {
    const path = each instanceof PathError && each.path ? `.${each.path}` : ''
    return `${name}${path}: ${each.message}`
  })
}

const text = { type: 'string' } as const
const OPTIONS = {
  port: text,
  host: text,
  'data-dir': text,
  store: text,
  keeper: text,
  'reap-grace': text,
  sites: text,
  'rate-limit': text,
  'trusted-hops': text,
  'retention-days': text,
  'read-tokens': text,
  'admin-token': text,
  'log-level': text,
  'enable-prometheus-metrics': text,
  'prometheus-metrics-port': text,
  'prometheus-metrics-path': text,
  'histogram-buckets': text,
  'page-groups': text,
  'shell-types': text,
  stats: text,
  'max-live-clients': text,
  alerts: text,
  'webhook-secret': text,
  'allow-private-webhooks': text,
  config: text,
  backup: text,
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const

/** What a file may set. */
const IN_FILE = new Set(
  Object.keys(OPTIONS)
    .filter((option) => !['config', 'backup', 'help', 'version'].includes(option))
    .map((option) => option.replaceAll('-', '_')),
)

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (error) {
    // Node's message names the option; what follows its first sentence is for programmers.
    throw new SettingError(`${(error as Error).message.split(/[.\n]/)[0]} (see --help)`)
  }
}
