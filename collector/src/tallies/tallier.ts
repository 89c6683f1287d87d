import type { Level, Rollup, Shelf } from '../store/store.ts'
import type { Part } from './part.ts'
import { emptyTally, type Tally } from './tally.ts'
import { hasLevel } from './tiers.ts'

/** Stretches of one length; what began before `from` is in theirs already. */
export interface Span {
  spanMs: number
  from: number
}

/** What roll-ups may tell apart. */
interface Item {
  began_at: number
  site: string
  path: string
  page_group: string
  device: string
  is_bot: number
}

/** What a level does not tell apart is empty. */
const TOLD_APART: Record<Level, { pages: boolean; devices: boolean }> = {
  site: { pages: false, devices: false },
  device: { pages: false, devices: true },
  page: { pages: true, devices: false },
  'page-device': { pages: true, devices: true },
}

export const LEVELS = Object.keys(TOLD_APART) as Level[]

/** The roll-ups of one length and level while they are made. */
interface Sheet extends Span {
  level: Level
  shelves: { shelf: Shelf; parts: readonly Part[] }[]
  rollups: Map<string, { key: Omit<Rollup, 'shelf' | 'tally'>; tallies: Tally[] }>
}

/** Puts views or sessions, one by one, into the roll-ups of every length and level that they belong to. */
export function createTallier(partsByName: Record<string, Part>, spans: readonly Span[]) {
  const parts = Object.values(partsByName)
  const sheets = spans.flatMap((span) =>
    LEVELS.filter((level) => hasLevel(span.spanMs, level)).map(
      (level): Sheet => ({ ...span, level, shelves: shelvesOf(parts, level), rollups: new Map() }),
    ),
  )

  function add(item: Item): void {
    for (const sheet of sheets) {
      if (item.began_at < sheet.from || sheet.shelves.length === 0) continue
      const { tallies } = rollupOf(sheet, item)
      for (let at = 0; at < tallies.length; at++) {
        for (const part of sheet.shelves[at]!.parts) part.addOne(tallies[at]!, item)
      }
    }
  }

  return {
    add,
    rollups: (spanMs: number): Rollup[] =>
      sheets
        .filter((sheet) => sheet.spanMs === spanMs)
        .flatMap(({ shelves, rollups }) =>
          [...rollups.values()].flatMap(({ key, tallies }) =>
            shelves.map(({ shelf }, at) => ({ ...key, shelf, tally: JSON.stringify(tallies[at]) })),
          ),
        ),
  }
}

function rollupOf({ level, spanMs, shelves, rollups }: Sheet, item: Item) {
  const { pages, devices } = TOLD_APART[level]
  const path = pages ? item.path : ''
  const pageGroup = pages ? item.page_group : ''
  const device = devices ? item.device : ''
  const isBot = devices ? item.is_bot : 0
  const { site } = item
  const at = item.began_at - (item.began_at % spanMs)
  // With lengths, so that no two names together are two others.
  const id = `${at} ${isBot} ${site.length} ${path.length} ${device} ${site}${path}${pageGroup}`
  const known = rollups.get(id)
  if (known) return known
  const made = { key: { level, at, site, path, pageGroup, device, isBot }, tallies: shelves.map(emptyTally) }
  rollups.set(id, made)
  return made
}

function shelvesOf(parts: readonly Part[], level: Level): Sheet['shelves'] {
  const onLevel = parts.filter(({ levels }) => levels.includes(level))
  const shelves = new Set(onLevel.map(({ shelf }) => shelf))
  return [...shelves].map((shelf) => ({ shelf, parts: onLevel.filter((part) => part.shelf === shelf) }))
}
