import { question } from '../store/question.ts'
import type { Store } from '../store/store.ts'
import type { SessionItem } from './session-parts.ts'
import { SESSIONS, type Subject, VIEWS } from './subject.ts'
import { LONGEST_SESSION_MS } from './tiers.ts'
import type { ViewItem } from './view-parts.ts'

/** Views and sessions one by one, as roll-ups are made of them: one text of a whole stretch is the fastest way here. */

/** A stretch of time. */
export interface Range {
  from: number
  to: number
}

const itemsIn = (subject: Subject) =>
  question(
    (dialect) => `
    SELECT ${dialect.listOf(Object.values(subject.item))} AS items
    FROM ${subject.near(dialect, ':from', ':to')}
    WHERE ${subject.beganAt} >= :from AND ${subject.beganAt} < :to`,
  )

const VIEWS_IN = itemsIn(VIEWS)
const SESSIONS_IN = itemsIn(SESSIONS)

type Item = Record<string, unknown>

async function read(store: Store, asked: typeof VIEWS_IN, subject: Subject, range: Range): Promise<Item[]> {
  const [row] = await store.read<{ items: string | null }>(asked, { ...range })
  const names = Object.keys(subject.item)
  return (JSON.parse(row!.items ?? '[]') as unknown[][]).map((values) => {
    const item: Item = {}
    for (let at = 0; at < names.length; at++) item[names[at]!] = values[at]
    return item
  })
}

export async function sessionsIn(store: Store, range: Range): Promise<SessionItem[]> {
  const items = await read(store, SESSIONS_IN, SESSIONS, range)
  for (const item of items) {
    item.breaks = JSON.parse(item.breaks as string)
    item.tenths = JSON.parse(item.tenths as string)
  }
  return items as unknown as SessionItem[]
}

/** Each view with its place among all those of its session, which may lie outside of the range. */
export async function viewsIn(store: Store, range: Range): Promise<ViewItem[]> {
  const views = (await read(store, VIEWS_IN, VIEWS, range)) as unknown as ViewItem[]
  const sessions = new Map<string, Step[]>()
  const put = (sessionId: string, step: Step) => {
    const steps = sessions.get(sessionId)
    if (steps) steps.push(step)
    else sessions.set(sessionId, [step])
  }
  for (const view of views) put(view.session_id, { at: view.began_at, viewId: view.view_id, path: view.path, view })
  if (views.length > 0) {
    const [row] = await store.read<{ items: string | null }>(OTHERS, { ...range, longestMs: LONGEST_SESSION_MS })
    for (const [sessionId, at, viewId, path] of JSON.parse(row!.items ?? '[]') as [string, number, string, string][]) {
      put(sessionId, { at, viewId, path })
    }
  }
  for (const steps of sessions.values()) place(steps)
  return views
}

/** A view of a session; only those in the range are tallied. */
interface Step {
  at: number
  viewId: string
  path: string
  view?: ViewItem
}

function place(steps: Step[]): void {
  const seen = new Set<string>()
  if (steps.length > 1) steps.sort((a, b) => a.at - b.at || (a.viewId < b.viewId ? -1 : 1))
  for (const [at, { view, path }] of steps.entries()) {
    if (view) {
      view.is_first = !seen.has(path)
      view.next_path = steps[at + 1]?.path
    }
    seen.add(path)
  }
}

/** The other views of the sessions in a range. (`+ 0`: by session, not by time; `NOT`: the same.) */
const OTHERS = question(
  (dialect) => `
    SELECT ${dialect.listOf(['session_id', 'began_at', 'view_id', 'path'])} AS items
    FROM ${dialect.viewsNear(':from - :longestMs', ':to + :longestMs')}
    WHERE session_id IN (SELECT session_id FROM views WHERE began_at >= :from AND began_at < :to ${dialect.loosely})
      AND NOT (began_at >= :from AND began_at < :to)
      AND began_at + 0 >= :from - :longestMs AND began_at + 0 < :to + :longestMs`,
)
