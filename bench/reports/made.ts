import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../../collector/src/store/store.ts'
import { refresh } from '../../collector/src/tallies/refresh.ts'
import { rollUp } from '../../collector/src/tallies/roll-up.ts'
import { NOW, type Plan, planFor } from './plan.ts'

/** A store as a collector has it, opened where one may have been before. */
export interface Opened {
  store: Store
  bytes: () => number
}

export interface Made extends Opened {
  fillMs: number
  rollUpMs: number
}

export interface Engine {
  /** Puts views and sessions into a new store. */
  fill(directory: string, plan: Plan): Promise<void>
  open(directory: string): Promise<Opened>
}

/** A store with so many views in a directory, rolled up; as it was made there before, if it was. */
export async function make(engine: Engine, directory: string, views: number): Promise<Made> {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `made-${views}.json`)
  const note = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { fillMs: await filled(), rollUpMs: 0 }
  const opened = await engine.open(directory)
  for (let isMore = true; isMore; ) isMore = await noted(() => rollUp(opened.store, NOW))
  await noted(() => refresh(opened.store, NOW))
  return { ...opened, ...note }

  async function filled(): Promise<number> {
    const at = performance.now()
    await engine.fill(directory, planFor(views))
    return performance.now() - at
  }

  /** Step by step, so that it can be stopped and gone on with. */
  async function noted<Result>(step: () => Promise<Result>): Promise<Result> {
    const at = performance.now()
    const result = await step()
    note.rollUpMs += performance.now() - at
    writeFileSync(file, JSON.stringify(note))
    return result
  }
}
