import { parseArgs } from 'node:util'

/** How this process was asked to run. */
export interface Settings {
  /** 0: any free one. */
  port: number
  host: string
  dataDir: string
  reapGraceMs: number
}

/** What was asked for on the command line. */
export type Command = { run: Settings } | { print: 'help' | 'version' }

/** A setting that cannot be, told to whoever started us in one line. */
export class SettingError extends Error {}

export const HELP = `dwelltime collector: receives, stores and reports the time that people spend on pages.

Usage: dwelltime-collector [options]

  --port <number>         PORT        where to listen; 0 takes any free port (8787)
  --host <address>        HOST        on which address (127.0.0.1)
  --data-dir <directory>  DATA_DIR    where everything is stored (./data)
  --reap-grace <seconds>  REAP_GRACE  how long a record may be on its way before its session is ended (300)
  --help                              this text
  --version                           the version

Each option can also be set by the environment variable beside it; options win.
`

/** The longest grace, in seconds: nothing waits longer for a session to end than its day. */
const MAX_GRACE = 24 * 60 * 60

/** Options win over the environment, which wins over the defaults. Throws a SettingError. */
export function readCommand(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const options = parseOptions(args)
  if (options.help) return { print: 'help' }
  if (options.version) return { print: 'version' }

  const setting = (option: 'port' | 'host' | 'data-dir' | 'reap-grace', name: string, unset: string) => {
    if (options[option] !== undefined) return { name: `--${option}`, value: options[option] }
    return { name, value: env[name] || unset }
  }
  return {
    run: {
      port: numberOf(setting('port', 'PORT', '8787'), { max: 65_535, isWhole: true }),
      host: textOf(setting('host', 'HOST', '127.0.0.1')),
      dataDir: textOf(setting('data-dir', 'DATA_DIR', './data')),
      reapGraceMs: 1000 * numberOf(setting('reap-grace', 'REAP_GRACE', '300'), { max: MAX_GRACE, isWhole: false }),
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
        'reap-grace': { type: 'string' },
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
