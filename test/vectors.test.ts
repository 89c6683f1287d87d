import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isSampled } from '../src/core/sampling.ts'
import { runVector, type Vector } from './support/run-vector.ts'

interface VectorFile {
  rule: string
  spec: string
  answers?: { id: string; rate: number; sampled: boolean }[]
  vectors: Vector[]
}

const FOLDER = new URL('vectors/', import.meta.url)

const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => {
    const file: VectorFile = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))
    return { ...file, file: name.replace('.json', '') }
  })

const all = files.flatMap(({ file, vectors }) =>
  vectors.map((vector) => ({ title: `${file}: ${vector.name}`, vector })),
)

test('each vector has a name of its own, each file a rule and its place in the specification', () => {
  const names = all.map(({ vector }) => vector.name)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  expect(names.length).toBeGreaterThanOrEqual(60)
  for (const { file, rule, spec } of files)
    expect(`${typeof rule} ${typeof spec} ${rule.at(-1)}`, file).toBe('string string .')
})

/** What can happen, and what can be told. A name that is misspelt under `never` would never be missed. */
const EVENTS =
  'open activate active passive hidden frozen activity media pip look route leave bfcache restored end stop'.split(' ')
const TOLD = 'session:start session:ending session:resumed session:end idle break threshold'.split(' ')

test('each script uses the words that the README defines, and no clock in it runs backwards', () => {
  for (const { title, vector } of all) {
    const { events, expect: wanted } = vector
    expect(
      events.filter(({ event }) => !EVENTS.includes(event)),
      title,
    ).toEqual([])
    const told = [...(wanted.events ?? []).map(({ event }) => event), ...(wanted.never ?? [])]
    expect(
      told.filter((name) => !TOLD.includes(name as string)),
      title,
    ).toEqual([])
    const instants = events.map(({ at }) => at)
    expect(instants, title).toEqual([...instants].sort((a, b) => a - b))
    expect(Object.keys(wanted), title).not.toEqual([])
    for (const { engagedMs: engaged = 0, visibleMs: visible = engaged, totalMs: total = visible } of wanted.views ?? [])
      expect([engaged, visible, total], title).toEqual([engaged, visible, total].map(Number).sort((a, b) => a - b))
  }
})

/** As often as the page asks for it, and far more often: the result must not depend on when a page is looked at. */
const LOOKS = [undefined, 333]

for (const { title, vector } of all) {
  test(title, () => {
    const { views, sessions, events = [], never = [] } = vector.expect
    const told = [...events.map(({ event }) => event), ...never]
    for (const lookEvery of LOOKS) {
      const found = runVector(vector, lookEvery)
      if (views) expect(found.views.map(only(views)), 'views').toEqual(views)
      if (sessions) expect(found.sessions.map(only(sessions)), 'sessions').toEqual(sessions)
      expect(found.events.filter(({ event }) => told.includes(event)).map(only(events)), 'events').toEqual(events)
    }
  })
}

for (const { file, answers = [] } of files) {
  for (const { id, rate, sampled } of answers) {
    test(`${file}: ${id} at rate ${rate} is ${sampled ? 'in' : 'out'}`, () => {
      expect(isSampled(id, rate)).toBe(sampled)
    })
  }
}

/** Of what was found the facts that are wanted; all of it where nothing is. */
function only(wanted: Record<string, unknown>[]) {
  return (found: Record<string, unknown>, i: number) => {
    const want = wanted[i]
    return want ? Object.fromEntries(Object.keys(want).map((key) => [key, found[key]])) : found
  }
}
