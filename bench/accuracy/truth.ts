/**
 * What the three clocks of each view should say, from a page's diary (logger.js) and what the driver knows.
 * On purpose not how the product does it: offline, with the whole diary at hand, on a grid of one cell per millisecond.
 * First every cell is told what it was, then the activities are laid over the attended cells. The rules are SPEC 1 to 3.
 */

export interface DiaryEvent {
  type: string
  /** ms since the time origin of the page, as are `happened`, `commit` and `activated`. */
  at: number
  shown: boolean
  focused: boolean
  /** The focused element is an iframe. */
  inFrame: boolean
  /** Path, query and fragment. */
  url: string
  persisted?: boolean
  /** Of inputs: the event's own time, and the place on the screen. */
  happened?: number
  place?: string
  /** Of media: which element, and whether it runs, without sound, over and over. */
  media?: number
  runs?: boolean
  muted?: boolean
  loop?: boolean
}

export interface Diary {
  doc: string
  origin: string
  /** Epoch ms of the page's time origin. */
  epoch: number
  commit: number
  prerendered: boolean
  activated: number | null
  past: [state: string, at: number][]
  events: DiaryEvent[]
}

/** What the scenario set, and what the driver knows better than the page. */
export interface Known {
  idleTimeoutMs: number
  idleCreditMs: number
  /** Of the session: a longer stop ends it, and with it the view. */
  thresholdMs: number
  hashRouting?: boolean
  /** When all processes of the browser stood still, in epoch ms. */
  stops: { from: number; to: number }[]
}

export interface TrueView {
  path: string
  /** Epoch ms. */
  startedAt: number
  totalMs: number
  visibleMs: number
  engagedMs: number
  /** Epoch ms: the stretches on screen; what several views must not have twice. */
  shownSpans: [from: number, to: number][]
}

/** A stop up to this long counts as time. */
const SHORT_STOP = 5_000
/** Shown again after at least this long hidden is an activity. */
const LONG_HIDE = 1_000
/** A scroll this soon after an input is a person's. */
const SCROLL_ECHO = 1_000

const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'touchstart', 'touchmove', 'wheel', 'ping']

/** One stay on one page, on the page's own clock; whole ms. */
interface Stay {
  from: number
  to: number
  path: string
  /** The diary does not say that it went on to something else; nor, if it was hidden, that anything came after. */
  open: boolean
}

export function trueViews(diary: Diary, known: Known): TrueView[] {
  const start = diary.prerendered ? diary.activated : diary.commit
  if (start === null) return [] // prerendered, never used: nobody saw it
  const events = [...diary.events].sort((a, b) => a.at - b.at)
  const stops = known.stops
    .map(({ from, to }) => ({ from: Math.round(from - diary.epoch), to: Math.round(to - diary.epoch) }))
    .filter(({ from, to }) => to - from > SHORT_STOP && from > start)
  const cells = paint(events, Math.round(start), stops, diary.past)
  const stays = cutIntoStays(events, Math.round(start), stops, cells, known)
  const activities = findActivities(events, stays, cells)

  return stays.map((stay) => {
    const length = (kind: Uint8Array, from = stay.from, to = stay.to) =>
      kind.subarray(from, to).reduce((a, b) => a + b, 0)
    const begin = Math.max(stay.from, Math.min(stay.to, cells.shown.indexOf(1, stay.from) >>> 0))
    const lastShown = cells.shown.subarray(0, stay.to).lastIndexOf(1) + 1
    const end = stay.open ? Math.max(begin, lastShown) : stay.to
    return {
      path: stay.path,
      startedAt: diary.epoch + begin,
      totalMs: end - begin - length(cells.suspended, begin, end),
      visibleMs: length(cells.shown),
      engagedMs: engagedIn(stay, activities, cells.attended, known),
      shownSpans: spansOf(cells.shown, stay).map(([from, to]) => [diary.epoch + from, diary.epoch + to]),
    }
  })
}

/** What each millisecond of the page was: 1 or 0. */
interface Cells {
  shown: Uint8Array
  attended: Uint8Array
  /** Something plays that holds a person. */
  played: Uint8Array
  suspended: Uint8Array
}

function paint(events: DiaryEvent[], start: number, stops: { from: number; to: number }[], past: Diary['past']): Cells {
  const size = Math.round(events.at(-1)!.at) + 1
  const cells: Cells = {
    shown: new Uint8Array(size),
    attended: new Uint8Array(size),
    played: new Uint8Array(size),
    suspended: new Uint8Array(size),
  }
  const sdkAt = Math.round(events.find(({ type }) => type === 'sdk')?.at ?? 0)
  const playing = new Map<number, boolean>()
  let gone = false
  let frozen = false

  events.forEach((event, i) => {
    if (event.type === 'pagehide') gone = true
    if (event.type === 'pageshow') gone = false
    if (event.type === 'freeze') frozen = true
    if (event.type === 'resume') frozen = false
    if (event.type === 'media') playing.set(event.media!, !!event.runs && !(event.muted && event.loop))
    const from = i === 0 ? start : Math.round(event.at)
    const to = Math.round(events[i + 1]?.at ?? event.at)
    if (gone || frozen || !event.shown) return
    const played = [...playing.values()].includes(true)
    cells.shown.fill(1, from, to)
    if (played) cells.played.fill(1, from, to)
    // Whether the page had the focus before the script came, nobody can tell it: it has the benefit of the doubt.
    if (event.focused || played) cells.attended.fill(1, from, to)
    else cells.attended.fill(1, from, Math.max(from, Math.min(to, sdkAt)))
  })
  // Before the diary began, the browser's own list speaks, where there is one.
  past.forEach(([state, at], i) => {
    const to = Math.round(Math.min(past[i + 1]?.[1] ?? Number.POSITIVE_INFINITY, events[0]!.at))
    const value = state === 'visible' ? 1 : 0
    const from = Math.max(start, Math.round(at))
    if (to > from) for (const kind of [cells.shown, cells.attended]) kind.fill(value, from, to)
  })
  for (const { from, to } of stops) {
    if (!cells.shown[from]) continue // a hidden page has no looks that could tell
    cells.suspended.fill(1, from, to)
    for (const kind of [cells.shown, cells.attended, cells.played]) kind.fill(0, from, to)
  }
  return cells
}

function cutIntoStays(
  events: DiaryEvent[],
  start: number,
  stops: { from: number; to: number }[],
  cells: Cells,
  { hashRouting, thresholdMs }: Known,
): Stay[] {
  const routeOf = (url: string) => (hashRouting ? url : url.split('#')[0]!)
  const cuts = stops
    .filter(({ from, to }) => to - from > thresholdMs && cells.suspended[from])
    .map(({ from, to }) => ({ type: 'stop', at: from, to }))
  const stays: Stay[] = []
  let url = events[0]!.url
  let stay: Stay | undefined
  const open = (at: number) => {
    stay = { from: Math.round(at), to: 0, path: url.split(/[?#]/)[0]!, open: true }
    stays.push(stay)
  }
  const close = (at: number, left: boolean) => {
    if (stay) Object.assign(stay, { to: Math.round(at), open: !left })
    stay = undefined
  }

  open(start)
  for (const event of [...events, ...cuts].sort((a, b) => a.at - b.at)) {
    if ('to' in event) {
      close(event.at, true)
      open(event.to)
    } else if (event.type === 'pagehide') {
      // One that leaves while hidden has said all before: it keeps the total of that record.
      close(event.at, cells.shown[Math.round(event.at) - 1] === 1)
    } else if (event.type === 'pageshow' && event.persisted) {
      url = event.url
      open(event.at)
    } else if (stay && routeOf(event.url) !== routeOf(url)) {
      url = event.url
      close(event.at, true)
      open(event.at)
    } else url = event.url
  }
  close(events.at(-1)!.at, false)
  return stays
}

/** All instants that show that a person is there, on the page's clock. */
function findActivities(events: DiaryEvent[], stays: Stay[], cells: Cells): number[] {
  const found = stays.slice(0, 1).map(({ from }) => from) // whatever else begins a stay, the gap runs on
  const byHand: number[] = []
  let place: string | undefined
  let inFrame = false
  for (const event of events) {
    // Browsers also send moves when the page moves under a resting pointer.
    const isStill = event.type === 'pointermove' && event.place === place
    if (/pointer|wheel/.test(event.type)) place = event.place
    if (INPUTS.includes(event.type) && !isStill) byHand.push(event.happened ?? event.at)
    if (event.focused && event.inFrame && !inFrame) found.push(event.at)
    inFrame = event.focused && event.inFrame
  }
  found.push(...byHand)
  for (const { type, happened } of events) {
    if (type !== 'scroll') continue
    if (byHand.some((at) => happened! >= at && happened! - at <= SCROLL_ECHO)) found.push(happened!)
  }
  // Shown after long enough out of sight.
  for (let at = 1, hiddenFrom = 0; at < cells.shown.length; at++) {
    if (cells.shown[at] || cells.suspended[at]) {
      if (hiddenFrom && at - hiddenFrom >= LONG_HIDE) found.push(at)
      hiddenFrom = 0
    } else hiddenFrom ||= at
  }
  // While something plays, each moment shows it.
  cells.played.forEach((is, at) => {
    if (is) found.push(at)
  })
  return found.map(Math.round).sort((a, b) => a - b)
}

/** The part of `stay` that was engaged, as far as its end could know: what comes later settles nothing that has ended. */
function engagedIn(stay: Stay, activities: number[], attended: Uint8Array, known: Known): number {
  // The attended clock: how many attended ms lie before each instant.
  const clock = new Uint32Array(attended.length + 1)
  attended.forEach((is, at) => {
    clock[at + 1] = clock[at]! + is
  })
  const [from, to] = [clock[stay.from]!, clock[stay.to]!]
  const marks = activities.filter((at) => at <= stay.to).map((at) => clock[Math.max(0, at)]!)
  const engaged = new Uint8Array(to)
  marks.forEach((mark, i) => {
    const gap = (marks[i + 1] ?? Number.POSITIVE_INFINITY) - mark
    engaged.fill(1, mark, mark + (gap <= known.idleTimeoutMs ? gap : known.idleCreditMs))
  })
  return engaged.subarray(from, to).reduce((a, b) => a + b, 0)
}

function spansOf(kind: Uint8Array, { from, to }: Stay): [number, number][] {
  const spans: [number, number][] = []
  for (let at = from; at < to; at++) {
    if (!kind[at]) continue
    const last = spans.at(-1)
    if (last?.[1] === at) last[1]++
    else spans.push([at, at + 1])
  }
  return spans
}
