import type { Span } from 'dwelltime/protocol'
import * as v from 'valibot'
import { stretchesOf } from '../sessions/stretches.ts'
import { question } from '../store/question.ts'
import { receivedView, VIEW_COLUMNS, type ViewRow } from '../store/view-row.ts'
import { defineReport } from './report.ts'

const SESSION = 'the 32 hex digits of a session'

/** One session as it went: every stretch of every view, in order. */
export const timeline = defineReport({
  name: 'timeline',
  summary: 'One session as it went: the stretches of its views in order',
  canBeLimitedToPages: false,
  entries: { session: v.pipe(v.string(SESSION), v.regex(/^[0-9a-f]{32}$/, SESSION)) },
  row: v.object({
    viewId: v.string(),
    path: v.string(),
    kind: v.string(),
    fromAt: v.number(),
    toAt: v.number(),
  }),
  async ask(store, { session }, filter) {
    const ofSite = filter.site === undefined ? '' : 'AND site = :site'
    const [kept] = await store.read<{ skew_ms: number }>(
      question(() => `SELECT skew_ms FROM sessions WHERE session_id = :session ${ofSite}`),
      { session, ...(filter.site !== undefined && { site: filter.site }) },
    )
    if (!kept) return []
    const views = await store.read<ViewRow>(
      question(
        ({ whereKey }) =>
          `SELECT ${VIEW_COLUMNS} FROM views ${whereKey} session_id = :session ORDER BY began_at, view_id`,
      ),
      { session },
    )
    const stretches = views.flatMap((row) => {
      const { record } = receivedView(row)
      return KINDS.flatMap((kind) =>
        stretchesOf(record, [kind]).map(([from, to]) => ({
          viewId: record.viewId,
          path: record.path,
          kind,
          fromAt: from + kept.skew_ms,
          toAt: to + kept.skew_ms,
        })),
      )
    })
    return stretches.sort((a, b) => a.fromAt - b.fromAt || (a.viewId < b.viewId ? -1 : 1))
  },
})

const KINDS: Span[0][] = ['engaged', 'idle', 'unfocused', 'hidden', 'suspended']
