import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSqliteStore } from '../../collector/src/store/sqlite/sqlite.ts'
import type { Store } from '../../collector/src/store/store.ts'
import { refresh } from '../../collector/src/tallies/refresh.ts'
import { rollUp } from '../../collector/src/tallies/roll-up.ts'
import { fillSqlite } from './fill-sqlite.ts'
import { NOW, planFor } from './plan.ts'

export interface Made {
  store: Store
  bytes: () => number
  fillMs: number
  rollUpMs: number
}

/** Rolls up all there is and answers how long that took. */
export async function rolledUp(store: Store): Promise<number> {
  const at = performance.now()
  while (await rollUp(store, NOW));
  await refresh(store, NOW)
  return performance.now() - at
}

/** A collector's data directory with so many views; as it was made there before, if it was. */
export async function makeSqlite(directory: string, views: number): Promise<Made> {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'dwelltime.db')
  const bytes = () => statSync(file).size
  const note = join(directory, `made-${views}.json`)
  if (existsSync(note)) return again()
  const at = performance.now()
  await openSqliteStore(file).close()
  fillSqlite(file, planFor(views))
  const fillMs = performance.now() - at
  const store = openSqliteStore(file)
  const rollUpMs = await rolledUp(store)
  writeFileSync(note, JSON.stringify({ fillMs, rollUpMs }))
  return { store, bytes, fillMs, rollUpMs }

  /** What later versions roll up besides is added. */
  async function again(): Promise<Made> {
    const { fillMs, rollUpMs } = JSON.parse(readFileSync(note, 'utf8'))
    const store = openSqliteStore(file)
    const made = { fillMs, rollUpMs: rollUpMs + (await rolledUp(store)) }
    writeFileSync(note, JSON.stringify(made))
    return { store, bytes, ...made }
  }
}
