import { readFile } from 'node:fs/promises'
import type { Tab } from '../../e2e/support/engine.ts'
import type { LogServer } from '../accuracy/log-server.ts'
import { type Diary, type DiaryEvent, type Known, trueViews } from '../accuracy/truth.ts'
import type { Role } from './deliverable.ts'
import type { Stay } from './judge.ts'

declare global {
  interface Window {
    diary: { read: () => Diary; note: (type: string, more?: Partial<DiaryEvent>) => void }
  }
}

const LOGGER = await readFile(new URL('../accuracy/logger.js', import.meta.url), 'utf8')

/**
 * The diary is the first to hear of an event, and sends itself, which on a busy machine takes up to 80 ms; then the SDK
 * hears of it, and then this. Whoever hears of it in between is right. (In Chromium a window's listeners run in the order
 * in which they were added, so it comes with the SDK. In WebKit a page that is blurred may find itself hidden already.)
 */
export const LATE = 'late'
const lastToHear = (log: string) => `document.addEventListener('load', ({ target }) => {
  if (!target.src?.includes('/dwelltime.js')) return
  for (const type of ['visibilitychange', 'pagehide', 'pageshow', 'focus', 'blur']) addEventListener(type, () => {
    diary.note('${LATE}')
    if (/change|hide/.test(type)) navigator.sendBeacon('${log}', JSON.stringify(diary.read()))
  })
}, true)`

/** Only visible time is asked for: the idle rule has no say in it. */
const KNOWN: Known = { idleTimeoutMs: 30_000, idleCreditMs: 5_000, thresholdMs: 1_800_000, stops: [] }

/** The page that leaves, and those in tabs behind it; whatever else there is came after. */
export const LEAVING = '/leaving'
export const behind = (index: number): string => `/behind/${index}`
/** Pages of the next visit: they bring what was left behind, and are not judged. */
export const NEXT_VISIT = '/next-visit'

/** What was really shown in one cell, and for how long: from the pages' own diaries and the driver's acts. */
export interface Ledger {
  /** Markup in front of everything else in a page that is to be known of. */
  head: string
  /** Has the diary of a page that goes on. */
  read(tab: Tab): Promise<void>
  /**
   * The act ends the page of this tab. What happens between the last reading of its diary and the act is `before`. If
   * the page cannot say when its end was, the act does.
   */
  ending<T>(tab: Tab, act: () => Promise<T>, before?: () => Promise<unknown>): Promise<T>
  stays(): Stay[]
  /** The diaries of a page in short, for who wants to know why. */
  tell(path: string): string[]
}

/** How much longer a page was shown than its diary says that the driver has read. */
interface Tail {
  /** Of the diary that was read: one with more of them knows better. */
  events: number
  leastMs: number
  mostMs: number
}

export function createLedger(logs: LogServer, origin: string): Ledger {
  const begun = Date.now()
  const log = `${logs.origin}/log`
  const tails = new Map<string, Tail>()

  /** None where the browser has put a page of its own, as it does offline. */
  const read = async (tab: Tab) => {
    const diary = await tab.eval(() => {
      window.diary?.note('look')
      return window.diary?.read()
    })
    if (diary) logs.add(diary)
    return diary
  }

  return {
    head: `<script>${lastToHear(log)}</script><script data-log="${log}">${LOGGER}</script>`,
    async read(tab) {
      await read(tab)
    },
    async ending(tab, act, before) {
      const asked = performance.now()
      const diary = await read(tab)
      const answered = performance.now()
      await before?.()
      const from = performance.now()
      const result = await act()
      const to = performance.now()
      if (diary) {
        tails.set(diary.doc, { events: diary.events.length, leastMs: from - answered, mostMs: to - asked })
      }
      return result
    },
    stays() {
      const stays = logs.take(origin, begun).flatMap((diary) => staysOf(diary, tails.get(diary.doc)))
      return withRoles(stays.sort((a, b) => a.startedAt - b.startedAt))
    },
    tell(path) {
      const all = logs.take(origin, begun).filter(({ events }) => events[0]!.url === path)
      return all.map(({ commit, epoch, events, past }) => {
        const lines = events.map(({ type, at, shown }) => `${type} ${Math.round(at)}${shown ? '' : ' hidden'}`)
        return `at ${Math.round(epoch)}, commit ${commit}, past ${past.join(' ')}: ${lines.join(', ')}`
      })
    },
  }
}

type Unnamed = Omit<Stay, 'role'>

function staysOf(diary: Diary, tail: Tail | undefined): Unnamed[] {
  const lateness = latenessOf(diary)
  const stays = trueViews(diary, KNOWN).map(({ path, startedAt, visibleMs, shownSpans }): Unnamed => {
    const late = (side: 0 | 1) => shownSpans.reduce((ms, span) => ms + lateness(span[side] - diary.epoch), 0)
    return { path, startedAt, leastMs: visibleMs - late(0), mostMs: visibleMs + late(1) }
  })
  const last = diary.events.filter(({ type }) => type !== LATE).at(-1)!
  const isCut = tail && diary.events.length <= tail.events && last.shown && last.type !== 'pagehide'
  if (isCut && stays.length) {
    stays.at(-1)!.leastMs += tail.leastMs
    stays.at(-1)!.mostMs += tail.mostMs
  }
  return stays
}

/** How much later than the first the last one heard of what happened then, in ms. */
function latenessOf({ events }: Diary): (at: number) => number {
  const late = events.flatMap(({ type, at }, i) => {
    const before = events[i - 1]
    return type === LATE && before ? [{ heardAt: before.at, ms: at - before.at }] : []
  })
  return (at) => late.find(({ heardAt }) => Math.abs(heardAt - at) <= 1)?.ms ?? 0
}

function withRoles(stays: Unnamed[]): Stay[] {
  const first = stays.find(({ path }) => path === LEAVING)
  const roleOf = (stay: Unnamed): Role => {
    if (stay === first) return 'leaving'
    return stay.path.startsWith(behind(0).slice(0, -1)) ? 'behind' : 'after'
  }
  return stays.filter(({ path }) => path !== NEXT_VISIT).map((stay) => ({ ...stay, role: roleOf(stay) }))
}
