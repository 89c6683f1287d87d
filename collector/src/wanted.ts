import * as v from 'valibot'

// The vocabulary of all schemas: each message says what was wanted, the field's path comes before it.

/** What came in as it should be, or what was wrong with it, as `field: want …`. */
export type Parsed<T> = { value: T; problem?: never } | { value?: never; problem: string }

/** A whole number, exact in a double. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER) {
  const want = `an integer >= ${min}`
  return v.pipe(v.number(want), v.safeInteger(want), v.minValue(min, want), v.maxValue(max, `at most ${max}`))
}

export function between(min: number, max: number) {
  const want = `a number from ${min} to ${max}`
  return v.pipe(v.number(want), v.minValue(min, want), v.maxValue(max, want))
}

/** What a store could not hold becomes U+FFFD: lone surrogates, and NUL, at which libsql cuts a text off. */
export function text(max: number, min = 0) {
  const want = min > 0 ? `a text of ${min} to ${max} characters` : `a text of at most ${max} characters`
  return v.pipe(v.string(want), v.minLength(min, want), v.maxLength(max, want), v.transform(storable))
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return v.picklist(values, `one of ${values.join(', ')}`)
}

/** A strict object that says of a missing field what it should have been. */
export function object<const E extends v.ObjectEntries>(entries: E) {
  return v.strictObject(entries, (issue) => {
    const key = String(issue.path?.[0]?.key)
    if (issue.expected === 'never') return 'no such field'
    const missing = issue.path && Object.hasOwn(entries, key) ? entries[key] : undefined
    return missing ? v.safeParse(missing, undefined).issues![0].message : 'an object'
  })
}

export function parse<T>(schema: v.GenericSchema<unknown, T>, input: unknown, whole: string): Parsed<T> {
  const result = v.safeParse(schema, input, { abortEarly: true })
  return result.success ? { value: result.output } : { problem: describe(result.issues[0], whole) }
}

/** Everything that is wrong, not only the first; of the configuration, whose writer is trusted with it. */
export function parseAll<T>(
  schema: v.GenericSchema<unknown, T>,
  input: unknown,
): { value: T; problems?: never } | { value?: never; problems: { path: string; problem: string }[] } {
  const result = v.safeParse(schema, input)
  if (result.success) return { value: result.output }
  return {
    problems: result.issues.map((issue) => ({ path: v.getDotPath(issue) ?? '', problem: `want ${issue.message}` })),
  }
}

/** Names of unknown fields are the sender's: they are cut, an answer is no mirror. */
const describe = (issue: v.BaseIssue<unknown>, whole: string) =>
  `${(v.getDotPath(issue) ?? whole).slice(0, 100)}: want ${issue.message.slice(0, 200)}`

/** `toWellFormed` is in Node since 20, in TypeScript's library from ES2024. */
const storable = (value: string) =>
  (value as string & { toWellFormed(): string }).toWellFormed().replaceAll('\0', '\ufffd')
