import type { EngineName } from '../../e2e/support/engine.ts'
import type { Cell, Exit, Network } from './plan.ts'

/** What a view is in its cell: the one that leaves, one of a tab behind it, or what comes after on the same page. */
export type Role = 'leaving' | 'behind' | 'after'

/** What decides, of an engine, whether a view can be delivered or an exit be driven. */
export interface EngineFacts {
  /** Exits of which the page that leaves is not told, or only by chance. */
  untold: Exit[]
  /** The browser itself sends what a page has left with it. */
  fetchLater: boolean
  /** Tabs of one site share a process, and so its crash. */
  crashesTogether: boolean
  /** Started again on the same profile, it has what pages stored. */
  keepsProfile: boolean
  /** It can be cut off the network while pages are open. */
  goesOffline: boolean
  /** Exits that it cannot be driven to, and why. */
  undrivable: Partial<Record<Exit, string>>
}

/** No page of any engine hears of these. */
const NEVER_TOLD: Exit[] = ['renderer crash', 'hide, show, SIGKILL', 'browser SIGKILL']

export const FACTS: Record<EngineName, EngineFacts> = {
  chromium: {
    // It ends a process that does not answer, and at half of its quits no event runs.
    untold: [...NEVER_TOLD, 'blocked tab close', 'browser quit'],
    fetchLater: true,
    crashesTogether: false,
    keepsProfile: true,
    goesOffline: true,
    undrivable: {},
  },
  firefox: {
    untold: NEVER_TOLD,
    fetchLater: false,
    crashesTogether: true,
    keepsProfile: true,
    goesOffline: true,
    undrivable: {
      'freeze, close': 'the engine has no such event',
      discard: 'the engine has no such event, and its driver no command',
      prerender: 'the engine does not prerender',
    },
  },
  webkit: {
    untold: NEVER_TOLD,
    fetchLater: false,
    crashesTogether: false,
    keepsProfile: false,
    goesOffline: false,
    undrivable: {
      'renderer crash': 'the automation session ends with it',
      'freeze, close': 'the engine has no such event',
      discard: 'the engine has no such event',
      prerender: 'the engine does not prerender',
    },
  },
}

/** Exits with which the browser ends. */
const ENDS_BROWSER: Exit[] = ['hide, show, SIGKILL', 'browser quit', 'browser SIGKILL']
/**
 * Exits at which the browser still sends what `fetchLater` has left with it. When it quits that is a race which it may
 * lose: of 14 quits of Chromium 156 without a store, on a network that was there, 2 sent nothing.
 */
const SENDS_LATER: Exit[] = ['blocked tab close', 'renderer crash']
/** Exits after which the same page is still there, with all that it remembers. */
const LIVES_ON: Exit[] = ['route', 'bfcache']

/** What reaches the collector while the fault lasts. Of `reset` every second request does. */
const passes = (network: Network): boolean => network === 'ok' || network === 'slow'

/** Whether the page of this view is still there after the exit, with all that it remembers. */
export function livesOn({ exit }: Cell, role: Role, facts: EngineFacts): boolean {
  if (role === 'after') return true
  if (role === 'leaving') return LIVES_ON.includes(exit)
  return !ENDS_BROWSER.includes(exit) && !(exit === 'renderer crash' && facts.crashesTogether)
}

/** Whether a page that does everything right can have this view counted, and why not. In doubt it can. */
export function isDeliverable(cell: Cell, role: Role, facts: EngineFacts): { is: true } | { is: false; why: string } {
  const { exit, network, storage } = cell
  if (livesOn(cell, role, facts)) return { is: true }
  if (storage === 'ok' && (facts.keepsProfile || !ENDS_BROWSER.includes(exit))) return { is: true }

  const stored = storage === 'ok' ? 'the profile cannot be used again' : 'nothing can be stored'
  if (!passes(network)) return { is: false, why: `${stored}, and nothing gets through before the page is gone` }
  const told = role === 'behind' || !facts.untold.includes(exit)
  if (told || (facts.fetchLater && SENDS_LATER.includes(exit))) return { is: true }
  return { is: false, why: `${stored}, and the page is not told that it ends` }
}

/** Whether any view of the cell has to be there at the end. */
export const tells = (cell: Cell, facts: EngineFacts): boolean => isDeliverable(cell, 'leaving', facts).is

/** Why the engine cannot be driven to a cell. */
export function whyNotDrivable({ exit, network }: Cell, facts: EngineFacts): string | undefined {
  if (facts.undrivable[exit]) return facts.undrivable[exit]
  if (network !== 'offline') return undefined
  if (!facts.goesOffline) return 'its driver cannot cut it off the network'
  if (exit === 'discard' || exit === 'prerender') {
    return 'what cuts a page off the network is a debugger, and none may look into this one'
  }
  return undefined
}
