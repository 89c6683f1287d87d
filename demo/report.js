import { ask } from './collector.js'
import { element } from './element.js'
import { duration } from './format.js'

/** The report box: the average session duration of each visitor, for the days asked. */
const form = document.querySelector('form.report')
const output = document.querySelector('#report-results')
const today = new Date().toISOString().slice(0, 10) // the collector's days are UTC unless it is told a zone

for (const input of form.querySelectorAll('input')) if (!input.value) input.value = today

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const button = form.querySelector('button')
  button.disabled = true
  const result = await ask('/api/session-duration', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      start_date: form.elements.start_date.value,
      end_date: form.elements.end_date.value,
      anonymous: true,
    }),
  })
  button.disabled = false
  output.replaceChildren(result.ok ? resultTable(result.answer.results ?? []) : notice(result.problem))
})

const notice = (text) => element('p', { class: 'notice' }, text)

function resultTable(results) {
  if (results.length === 0) return notice('No sessions began on these days.')
  const rows = results.map((row) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, row.user_id ?? 'anonymous'),
      element('td', {}, duration(row.average_duration * 1000)),
    ),
  )
  return element(
    'table',
    {},
    element('caption', {}, 'Average session duration'),
    element(
      'thead',
      {},
      element('tr', {}, element('th', { scope: 'col' }, 'User or visitor'), element('th', { scope: 'col' }, 'Average')),
    ),
    element('tbody', {}, ...rows),
  )
}
