import { parse as parseYaml } from 'yaml'

/** The file that is read without being asked for. */
export const DEFAULT_CONFIG = 'dwelltime.yaml'

/** What was set, as it came: a text from the command line or the environment, anything from the file. */
export interface Setting {
  /** As its user knows it, for messages. */
  name: string
  value: unknown
}

/** The three places that settings come from, the strongest first. */
export interface Sources {
  /** By option, without the dashes. */
  options: Record<string, string | boolean | undefined>
  env: NodeJS.ProcessEnv
  /** By key, which is the option with underscores. */
  file: Record<string, unknown>
  fileName: string
}

/** These had their names before there was a prefix; the others have it always. */
const UNPREFIXED = new Set([
  ...['PORT', 'HOST', 'DATA_DIR', 'STORE', 'KEEPER', 'REAP_GRACE', 'SITES', 'RATE_LIMIT', 'TRUSTED_HOPS'],
  ...['RETENTION_DAYS', 'READ_TOKENS', 'ADMIN_TOKEN', 'LOG_LEVEL'],
])

/** Options win over the environment, which wins over the file; an empty variable is none. */
export function findSetting({ options, env, file, fileName }: Sources, option: string): Setting | undefined {
  if (options[option] !== undefined) return { name: `--${option}`, value: options[option] }
  const key = option.replaceAll('-', '_')
  const variable = key.toUpperCase()
  const names = [`DWELLTIME_${variable}`, ...(UNPREFIXED.has(variable) ? [variable] : [])]
  for (const name of names) if (env[name]) return { name, value: env[name] }
  if (file[key] !== undefined && file[key] !== null) return { name: `${fileName}: ${key}`, value: file[key] }
  return undefined
}

/** Throws an Error that says what was wanted. */
export function readConfig(text: string): Record<string, unknown> {
  const content: unknown = yamlOf(text)
  if (content === null || content === undefined) return {}
  if (typeof content !== 'object' || Array.isArray(content)) throw new Error('want settings by their names')
  return content as Record<string, unknown>
}

/** What is no text already is taken as it is; a text is read as YAML, of which JSON is a part. */
export const structureOf = (value: unknown): unknown => (typeof value === 'string' ? yamlOf(value) : value)

function yamlOf(text: string): unknown {
  try {
    return parseYaml(text)
  } catch (error) {
    throw new Error(`want YAML: ${(error as Error).message.split('\n')[0]}`)
  }
}
