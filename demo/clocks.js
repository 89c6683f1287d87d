import { element, write } from './element.js'
import { watchEnding } from './ending-toast.js'
import { clock, shortId } from './format.js'
import { onTracker } from './tracker.js'
import { whileVisible } from './while-visible.js'
import { standing } from './words.js'

const TICK = 100 // ms: the clocks show tenths
const TOLD_FOR = 4000 // ms
const OPEN = 'demo-clocks-open'

/** The panel on every page: what the tracker measures right now, and why. */
function createPanel() {
  const clocks = { total: createClock('total'), visible: createClock('visible'), engaged: createClock('engaged') }
  const fact = Object.fromEntries(
    ['page', 'session', 'ends in', 'storage'].map((name) => [name, element('dd', {}, '–')]),
  )
  const why = element('p', { class: 'why' }, 'waiting for /dwelltime.full.js')
  const brief = element('span', { class: 'brief number' }, '0:00.0')
  const error = element('p', { class: 'fault' })
  const told = element('p', { class: 'fine', role: 'status' })
  const end = element('button', { type: 'button', disabled: '' }, 'End session')
  const flush = element('button', { type: 'button', disabled: '' }, 'Flush now')
  const timers = element('dl', { class: 'timers', 'aria-label': 'Engaged time in parts of this page' })
  error.hidden = true
  timers.hidden = true

  const details = element(
    'details',
    {},
    element('summary', {}, element('span', { class: 'dot' }), 'This page, live', brief),
    element('div', { class: 'clock-list' }, ...Object.values(clocks).map(({ root }) => root)),
    why,
    element(
      'dl',
      {},
      ...Object.entries(fact).map(([name, value]) => element('div', {}, element('dt', {}, name), value)),
    ),
    timers,
    error,
    element('div', { class: 'buttons' }, end, flush),
    told,
  )
  const root = element('aside', { class: 'clocks', 'aria-label': 'Clocks of this page' }, details)
  rememberOpen(details)

  function show(state) {
    const runs = state.stands === null
    root.dataset.runs = runs ? 'yes' : 'no'
    write(brief, clock(state.engagedMs))
    for (const name of ['total', 'visible', 'engaged']) clocks[name].show(state[`${name}Ms`], state.totalMs)
    write(why, `Engaged ${runs ? 'runs' : (standing[state.stands] ?? `stands: ${state.stands}`)}`)
    write(fact.page, state.state)
    write(fact.session, state.sessionId ? shortId(state.sessionId) + (state.sampled ? '' : ', not sampled') : 'none')
    write(fact['ends in'], state.sessionId && state.sessionEndsAt ? secondsUntil(state.sessionEndsAt) : '–')
    write(fact.storage, state.storage)
    write(error, state.lastError ? `Last error: ${state.lastError}` : '')
    error.hidden = !state.lastError
    showTimers(state.timers ?? {})
  }

  /** Of each part of the page that is timed, for how long somebody was engaged in it. */
  function showTimers(times) {
    const names = Object.keys(times).filter((name) => times[name][0] >= 100) // less is a section that was just left
    timers.hidden = names.length === 0
    while (timers.children.length > names.length) timers.lastChild.remove()
    for (const [i, name] of names.entries()) {
      const [, , engagedMs] = times[name]
      const row = timers.children[i] ?? timers.appendChild(element('div', {}, element('dt', {}), element('dd', {})))
      write(row.firstChild, name)
      write(row.lastChild, clock(engagedMs))
    }
  }

  function connect(tracker) {
    end.disabled = false
    flush.disabled = false
    end.addEventListener('click', () => tracker.end())
    flush.addEventListener('click', async () => {
      flush.disabled = true
      write(told, '')
      await tracker.flush().catch(() => undefined) // what went wrong is in getState().lastError
      write(told, 'Flushed.')
      flush.disabled = false
      setTimeout(() => write(told, ''), TOLD_FOR)
    })
    whileVisible(() => show(tracker.getState()), TICK)
  }

  const late = () => write(why, '/dwelltime.full.js did not load: it is blocked, or the collector is away')
  return { root, connect, late }
}

function createClock(name) {
  const value = element('span', { class: 'number' }, '0:00.0')
  const bar = element('span', { class: `share ${name}` })
  const root = element('div', { class: 'clock' }, element('span', { class: 'name' }, name), value, bar)
  return {
    root,
    show(ms, totalMs) {
      write(value, clock(ms))
      bar.style.setProperty('--share', String(totalMs > 0 ? Math.min(ms / totalMs, 1) : 0))
    },
  }
}

const secondsUntil = (at) => `${Math.max(0, Math.ceil((at - Date.now()) / 1000))} s`

const storage = sessionStore()

function sessionStore() {
  try {
    return globalThis.sessionStorage
  } catch {
    return undefined // the browser is set to block storage; the panel then forgets
  }
}

/** Open where there is room beside the text, until the reader decides otherwise. */
function rememberOpen(details) {
  const chosen = storage?.getItem(OPEN)
  details.open = chosen ? chosen === 'yes' : matchMedia('(min-width: 64rem)').matches
  details.querySelector('summary').addEventListener('click', () => {
    storage?.setItem(OPEN, details.open ? 'no' : 'yes') // the click comes before the change
  })
}

const panel = createPanel()
document.body.append(panel.root)
onTracker((tracker) => {
  panel.connect(tracker)
  watchEnding(tracker)
}, panel.late)
