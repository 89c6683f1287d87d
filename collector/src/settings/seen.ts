import * as v from 'valibot'
import { type AlertRule, alertRules } from '../alerts/rules.ts'
import { type StatsBlock, statsBlocks } from '../live/stats-block.ts'
import { type Buckets, DEFAULT_BUCKETS, type HistogramName } from '../metrics/catalogue.ts'
import { object, parseAll } from '../wanted.ts'
import { type Setting, structureOf } from './sources.ts'

/** More would be more than anybody draws, and each is a line of every series. */
const MAX_BOUNDS = 30

/** More names of a label would be no label any more. */
const MAX_NAMES = 20

const BOUNDS = `a list of 1 to ${MAX_BOUNDS} ascending numbers above 0`
const bounds = v.pipe(
  v.array(v.number(BOUNDS), BOUNDS),
  v.minLength(1, BOUNDS),
  v.maxLength(MAX_BOUNDS, BOUNDS),
  v.check((list) => list.every((bound, at) => bound > (list[at - 1] ?? 0) && Number.isFinite(bound)), BOUNDS),
)

const names = Object.keys(DEFAULT_BUCKETS) as HistogramName[]
const buckets = object(
  Object.fromEntries(names.map((name) => [name, v.exactOptional(bounds)])) as Record<
    HistogramName,
    v.ExactOptionalSchema<typeof bounds, undefined>
  >,
)

/** What a structured setting says, or all that is wrong with it. */
export const readBuckets = (setting: Setting): Buckets => ({ ...DEFAULT_BUCKETS, ...read(buckets, setting) })
export const readStats = (setting: Setting): ReadonlyMap<string, StatsBlock> =>
  new Map(Object.entries(read(statsBlocks, setting)))
export const readAlerts = (setting: Setting): AlertRule[] => read(alertRules, setting)

export const readPageGroups = (setting: Setting) =>
  readNames(setting, { pattern: /^[^\s,][^,]{0,127}$/, of: 'names of page groups', notThese: ['other'] })
export const readShellTypes = (setting: Setting) =>
  readNames(setting, { pattern: /^[A-Z][A-Za-z0-9]{0,63}$/, of: 'PascalCase names', notThese: ['Other'] })

function readNames({ value }: Setting, rule: { pattern: RegExp; of: string; notThese: string[] }): string[] {
  const list = (typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [undefined])
    .map((name: unknown) => (typeof name === 'string' ? name.trim() : ''))
    .filter((name, _, all) => name !== '' || all.length === 1)
  const isGood = (name: string) => rule.pattern.test(name) && !rule.notThese.includes(name)
  if (list.length <= MAX_NAMES && list.every(isGood)) return [...new Set(list)]
  throw new Error(`want at most ${MAX_NAMES} ${rule.of}, with commas`)
}

function read<T>(schema: v.GenericSchema<unknown, T>, { value }: Setting): T {
  const result = parseAll(schema, structureOf(value))
  if (result.problems === undefined) return result.value
  throw new AggregateError(result.problems.map(({ path, problem }) => new PathError(path, problem)))
}

/** One of several things wrong inside one setting. */
export class PathError extends Error {
  constructor(
    readonly path: string,
    problem: string,
  ) {
    super(problem)
  }
}
