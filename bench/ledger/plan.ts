/** What is combined with what: each cell of the matrix is one of each. */
export const EXITS = [
  'route',
  'link',
  'cross-site link',
  'reload',
  'tab close',
  'blocked tab close',
  'hidden tab close',
  'hide, show, SIGKILL',
  'browser quit',
  'renderer crash',
  'browser SIGKILL',
  'bfcache',
  'freeze, close',
  'discard',
  'prerender',
] as const
export const NETWORKS = ['ok', 'slow', 'hanging', '500', '429', '404', 'html', 'reset', 'refused', 'offline'] as const
export const STORAGES = ['ok', 'memory', 'absent', 'hanging', 'quota'] as const
export const TABS = [1, 2, 5] as const

export type Exit = (typeof EXITS)[number]
export type Network = (typeof NETWORKS)[number]
export type Storage = (typeof STORAGES)[number]

export interface Cell {
  exit: Exit
  network: Network
  storage: Storage
  tabs: (typeof TABS)[number]
}

export const FACTORS = ['exit', 'network', 'storage', 'tabs'] as const satisfies (keyof Cell)[]

/** All of them, the cheap ones first. */
export function fullMatrix(): Cell[] {
  return TABS.flatMap((tabs) =>
    STORAGES.flatMap((storage) =>
      NETWORKS.flatMap((network) => EXITS.map((exit): Cell => ({ exit, network, storage, tabs }))),
    ),
  )
}

/** As it is printed, and as `--cell` searches in it. */
export const nameOf = ({ exit, network, storage, tabs }: Cell): string =>
  `${exit} / network ${network} / storage ${storage} / ${tabs === 1 ? '1 tab' : `${tabs} tabs`}`

/**
 * A few that have every pair of values which any cell has, always the same few; among equals the earlier one. A pair is
 * shown by a cell that `tells` something if there is one, and only else by another.
 */
export function pairwise(cells: Cell[], tells: (cell: Cell) => boolean = () => true): Cell[] {
  const telling = cover(cells.filter(tells), new Set())
  return [...telling, ...cover(cells, new Set(telling.flatMap(pairsOf)))]
}

/** As many of the cells as it takes to show all their pairs, the one with the most that are not yet shown first. */
function cover(cells: Cell[], shown: Set<string>): Cell[] {
  const known = cells.map((cell) => ({ cell, pairs: pairsOf(cell) }))
  const missing = new Set(known.flatMap(({ pairs }) => pairs).filter((pair) => !shown.has(pair)))
  const chosen: Cell[] = []
  while (missing.size) {
    let best = known[0]!
    let most = 0
    for (const one of known) {
      const count = one.pairs.filter((pair) => missing.has(pair)).length
      if (count <= most) continue
      best = one
      most = count
    }
    chosen.push(best.cell)
    for (const pair of best.pairs) missing.delete(pair)
  }
  return chosen
}

/** Of each two factors, what the cell has of them. */
export const pairsOf = (cell: Cell): string[] =>
  FACTORS.flatMap((a, i) => FACTORS.slice(i + 1).map((b) => `${a} ${cell[a]}, ${b} ${cell[b]}`))
