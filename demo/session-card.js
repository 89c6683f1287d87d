import { element } from './element.js'
import { duration, instant, shortId } from './format.js'
import { spanBar } from './span-bar.js'
import { sessionEnds, viewEnds } from './words.js'

/** One stored session with its newest views; `here` names the session and view this page is in. */
export function sessionCard(session, { here, views: most = Number.POSITIVE_INFINITY }) {
  const views = [...session.views].sort((a, b) => b.startedAt - a.startedAt)
  const shown = views.slice(0, most)
  const rest = views.length - shown.length
  const title = `Session ${shortId(session.sessionId)}`
  return element(
    'article',
    { class: 'session', 'aria-label': title },
    element(
      'header',
      {},
      element('h3', {}, title),
      ...(session.sessionId === here.sessionId ? [badge('yours', 'here')] : []),
      badge(session.status, session.status),
    ),
    facts(session),
    viewTable(title, shown, { here, sessionEnded: session.status !== 'open' }),
    ...(rest > 0 ? [element('p', { class: 'fine' }, `and ${rest} earlier ${rest === 1 ? 'view' : 'views'}`)] : []),
  )
}

const badge = (text, kind) => element('span', { class: `badge ${kind}` }, text)

function facts(session) {
  const end = session.endReason ? (sessionEnds[session.endReason] ?? session.endReason) : 'goes on'
  const list = {
    started: instant(session.startedAt),
    duration: duration(session.durationMs),
    visible: duration(session.visibleMs),
    engaged: duration(session.engagedMs),
    end,
  }
  const pairs = Object.entries(list).map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value)),
  )
  return element('dl', { class: 'facts' }, ...pairs)
}

function viewTable(title, views, { here, sessionEnded }) {
  const head = ['View', 'Total', 'Visible', 'Engaged'].map((name) => element('th', { scope: 'col' }, name))
  return element(
    'table',
    {},
    element('caption', { class: 'unseen' }, `Views of ${title}, newest first`),
    element('thead', {}, element('tr', {}, ...head)),
    ...views.map((view) => viewRows(view, { current: view.viewId === here.viewId, sessionEnded })),
  )
}

function viewRows(view, { current, sessionEnded }) {
  const times = [view.totalMs, view.visibleMs, view.engagedMs].map((ms) => element('td', {}, duration(ms)))
  return element(
    'tbody',
    {},
    element(
      'tr',
      {},
      element(
        'th',
        { scope: 'rowgroup' },
        view.title || view.path,
        ...(current ? [' ', badge('this page', 'here')] : []),
        element('span', { class: 'fine' }, view.path),
      ),
      ...times,
    ),
    element(
      'tr',
      {},
      element('td', { colspan: '4' }, spanBar(view), element('span', { class: 'fine' }, story(view, sessionEnded))),
    ),
  )
}

/** When the view began, how it stands, and which record said so. */
function story(view, sessionEnded) {
  const known = `${sessionEnded ? 'no end heard' : 'open'}, last known ${view.state}`
  const end = view.endReason ? (viewEnds[view.endReason] ?? view.endReason) : known
  return `${instant(view.startedAt)} · ${end} · record ${view.seq} (${view.reason})`
}
