import { drawing, element } from './element.js'
import { duration } from './format.js'
import { spanKinds } from './words.js'

/** Kinds differ in height as well as in colour. */
const HEIGHT = 12
const heights = { engaged: HEIGHT, idle: 8, unfocused: 5, hidden: 2, suspended: HEIGHT }
const MARK = 3 // how wide a suspension is drawn: it has no length on the total clock
const LENGTH = 1000
/** Beyond this many spans the text alternative gives sums instead of a list. */
const LISTED = 8

/** One view's spans along its total clock, as a picture with a text alternative. */
export function spanBar(view) {
  const spans = view.spans.filter(([kind]) => kind in spanKinds && kind !== 'suspended')
  const length = Math.max(view.totalMs, ...spans.map(([, , to]) => to), 1)
  const x = (ms) => ((ms / length) * LENGTH).toFixed(2)
  const suspensions = view.spans.filter(([kind]) => kind === 'suspended')
  return drawing(
    'svg',
    {
      class: 'spans',
      role: 'img',
      'aria-label': spoken(spans, suspensions),
      viewBox: `0 0 ${LENGTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
    },
    ...spans.map(([kind, from, to]) => rect(kind, x(from), x(to - from), heights[kind])),
    ...suspensions.map(([, at]) => rect('suspended', x(at), MARK, HEIGHT)),
  )
}

function rect(kind, x, width, height) {
  return drawing('rect', { class: kind, x, y: HEIGHT - height, width, height })
}

function spoken(spans, suspensions) {
  const asleep = suspensions.map(([, at, length]) => `suspended for ${duration(length)} at ${duration(at)}`)
  if (spans.length <= LISTED) {
    const list = spans.map(([kind, from, to]) => `${spanKinds[kind]} from ${duration(from)} to ${duration(to)}`)
    return [...list, ...asleep].join('; ') || 'no spans yet'
  }
  const sums = Object.keys(heights)
    .filter((kind) => kind !== 'suspended')
    .map((kind) => {
      const ms = spans.filter(([of]) => of === kind).reduce((sum, [, from, to]) => sum + to - from, 0)
      return `${spanKinds[kind]} ${duration(ms)}`
    })
  return [`${spans.length} spans`, ...sums, ...asleep].join('; ')
}

/** What the colours and heights mean. */
export function legend() {
  const items = Object.entries(spanKinds).map(([kind, words]) =>
    element(
      'li',
      {},
      drawing(
        'svg',
        { class: 'spans', 'aria-hidden': 'true', viewBox: `0 0 14 ${HEIGHT}` },
        drawing('rect', {
          class: kind,
          y: HEIGHT - heights[kind],
          width: kind === 'suspended' ? MARK : 14,
          height: heights[kind],
        }),
      ),
      words,
    ),
  )
  return element('ul', { class: 'legend', 'aria-label': 'Legend' }, ...items)
}
