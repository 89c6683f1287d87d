import type { Level } from '../store/store.ts'
import type { Part } from './part.ts'
import { SESSION_PARTS } from './session-parts.ts'
import { VIEW_PARTS } from './view-parts.ts'

/** What is tallied: its table, when a row of it began, and what of it roll-ups tell apart. */
export interface Subject {
  name: 'view' | 'session'
  table: 'views' | 'sessions'
  beganAt: string
  parts: Record<string, Part>
  levels: readonly Level[]
  /** The columns of a roll-up's key, beside its time. */
  keys: { site: string; path: string; page_group: string; device: string; is_bot: string }
}

export const VIEWS = {
  name: 'view',
  table: 'views',
  beganAt: 'began_at',
  parts: VIEW_PARTS,
  levels: ['site', 'device', 'page', 'page-device'],
  keys: { site: 'site', path: 'path', page_group: 'page_group', device: 'device', is_bot: 'is_bot' },
} as const satisfies Subject

export const SESSIONS = {
  name: 'session',
  table: 'sessions',
  beganAt: 'started_at',
  parts: SESSION_PARTS,
  levels: ['site', 'device'],
  keys: { site: 'site', path: "''", page_group: "''", device: 'device', is_bot: 'is_bot' },
} as const satisfies Subject
