import { describe, expect, test } from 'vitest'
import {
  type Cell,
  EXITS,
  FACTORS,
  fullMatrix,
  NETWORKS,
  nameOf,
  pairsOf,
  pairwise,
  STORAGES,
  TABS,
} from '../../bench/ledger/plan.ts'

const all = fullMatrix()

describe('the full matrix', () => {
  test('has each combination once', () => {
    expect(new Set(all.map(nameOf)).size).toBe(EXITS.length * NETWORKS.length * STORAGES.length * TABS.length)
    expect(all).toHaveLength(2_250)
  })
})

describe('the pairwise selection', () => {
  const chosen = pairwise(all)

  test('shows each two values of two factors together', () => {
    const values: { [factor in keyof Cell]: readonly Cell[factor][] } = {
      exit: EXITS,
      network: NETWORKS,
      storage: STORAGES,
      tabs: TABS,
    }
    for (const a of FACTORS) {
      for (const b of FACTORS) {
        if (a === b) continue
        for (const one of values[a]) {
          for (const other of values[b]) {
            const together = chosen.some((cell) => cell[a] === one && cell[b] === other)
            expect(together, `${a} ${one} with ${b} ${other}`).toBe(true)
          }
        }
      }
    }
  })

  test('is close to the least that there can be: each exit on each network', () => {
    expect(chosen.length).toBeGreaterThanOrEqual(EXITS.length * NETWORKS.length)
    expect(chosen.length).toBeLessThan(EXITS.length * NETWORKS.length * 1.1)
  })

  test('is the same each time, and has no cell twice', () => {
    expect(pairwise(fullMatrix())).toEqual(chosen)
    expect(new Set(chosen.map(nameOf)).size).toBe(chosen.length)
  })

  test('of cells that some cannot be driven to, it shows what is left', () => {
    const some = all.filter(
      ({ exit, network }) => exit !== 'discard' && !(exit === 'prerender' && network === 'offline'),
    )
    const few = pairwise(some)
    expect(new Set(few.flatMap(pairsOf))).toEqual(new Set(some.flatMap(pairsOf)))
    for (const cell of few) expect(some).toContain(cell)
  })

  test('takes a cell that tells nothing only for a pair that no other has', () => {
    const tells = ({ exit, storage }: Cell) => exit !== 'browser SIGKILL' || storage === 'ok'
    const few = pairwise(all, tells)
    expect(new Set(few.flatMap(pairsOf))).toEqual(new Set(all.flatMap(pairsOf)))
    const told = new Set(few.filter(tells).flatMap(pairsOf))
    const silent = few.filter((cell) => !tells(cell))
    expect(silent.length).toBeGreaterThan(0)
    for (const cell of silent)
      expect(
        pairsOf(cell).some((pair) => !told.has(pair)),
        nameOf(cell),
      ).toBe(true)
    // Each exit meets each network where something can be seen of it.
    for (const network of NETWORKS) expect(told).toContain(`exit browser SIGKILL, network ${network}`)
  })
})
