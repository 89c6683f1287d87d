import type { Dialect } from '../store/question.ts'
import { factColumns, type Part } from './part.ts'
import { SESSION_FACTS, SESSION_PARTS } from './session-parts.ts'
import { VIEW_FACTS, VIEW_PARTS } from './view-parts.ts'

/** What is tallied: its table, and how that is asked for a stretch of time. */
export interface Subject {
  table: 'views' | 'sessions'
  beganAt: 'began_at' | 'started_at'
  /** Where those are that began from one instant to before another: parameters. */
  near(dialect: Dialect, from: string, to: string): string
  parts: Record<string, Part>
  /** What the parts want to know of a row, by its name. */
  item: Record<string, string>
}

export const VIEWS = {
  table: 'views',
  beganAt: 'began_at',
  near: (dialect, from, to) => dialect.viewsNear(from, to),
  parts: VIEW_PARTS,
  item: {
    began_at: 'began_at',
    site: 'site',
    path: 'path',
    page_group: 'page_group',
    device: 'device',
    is_bot: 'is_bot',
    session_id: 'session_id',
    view_id: 'view_id',
    weight: 'weight',
    visible_ms: 'visible_ms',
    engaged_ms: 'engaged_ms',
    visible_bucket: 'visible_bucket',
    engaged_bucket: 'engaged_bucket',
    threshold: 'threshold',
    ...factColumns(VIEW_FACTS),
  },
} as const satisfies Subject

export const SESSIONS = {
  table: 'sessions',
  beganAt: 'started_at',
  near: (dialect, from, to) => dialect.sessionsWith(`started_at >= ${from} AND started_at < ${to}`),
  parts: SESSION_PARTS,
  item: {
    began_at: 'started_at',
    site: 'site',
    path: `''`,
    page_group: `''`,
    device: 'device',
    is_bot: 'is_bot',
    weight: 'weight',
    ending: `coalesce(end_reason, 'open')`,
    duration_ms: 'duration_ms',
    view_count: 'view_count',
    duration_bucket: 'duration_bucket',
    visible_bucket: 'visible_bucket',
    engaged_bucket: 'engaged_bucket',
    campaign: 'campaign',
    referrer: 'referrer',
    entry_path: 'entry_path',
    exit_path: 'exit_path',
    breaks: 'breaks',
    tenths: 'tenths',
    ...factColumns(SESSION_FACTS),
  },
} as const satisfies Subject
