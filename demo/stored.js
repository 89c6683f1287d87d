import { ask } from './collector.js'
import { element, write } from './element.js'
import { sessionCard } from './session-card.js'
import { legend } from './span-bar.js'
import { whileVisible } from './while-visible.js'

const POLL = 1000 // ms
const EMPTY = 'Nothing is stored yet. The first record is on its way; look again in a moment, or press “Flush now”.'

/** What the collector has stored, asked every second while the page is visible. */
function watchStored(place) {
  const compact = place.dataset.stored === 'compact'
  const limit = compact ? 1 : 20
  const views = compact ? 4 : undefined
  const notice = element('p', { class: 'notice unseen', role: 'status' })
  const list = element('div', { class: 'sessions' })
  const cards = new Map() // sessionId → { json, card }: only a changed card is drawn anew
  place.append(notice, legend(), list)

  async function refresh() {
    const result = await ask(`/api/reports/sessions?limit=${limit}`)
    if (!result.ok) return say(result.problem)
    const sessions = result.answer.sessions ?? []
    say(sessions.length === 0 ? EMPTY : '')
    draw(sessions)
  }

  function say(text) {
    write(notice, text)
    notice.classList.toggle('unseen', text === '') // still there as a live region
    place.classList.toggle('stale', text !== '')
  }

  function draw(sessions) {
    const { sessionId, viewId } = globalThis.dwelltime?.getState?.() ?? {}
    const here = { sessionId, viewId }
    for (const session of sessions) {
      const json = JSON.stringify([session, here])
      if (cards.get(session.sessionId)?.json === json) continue
      const card = sessionCard(session, { here, views })
      cards.get(session.sessionId)?.card.replaceWith(card)
      cards.set(session.sessionId, { json, card })
    }
    const wanted = sessions.map((session) => cards.get(session.sessionId).card)
    for (const [id, { card }] of cards) if (!wanted.includes(card)) cards.delete(id)
    if (wanted.length !== list.children.length || wanted.some((card, i) => card !== list.children[i])) {
      list.replaceChildren(...wanted)
    }
  }

  whileVisible(refresh, POLL)
}

for (const place of document.querySelectorAll('[data-stored]')) watchStored(place)
