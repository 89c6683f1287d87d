import { describe, expect, test } from 'vitest'
import { type Diary, type DiaryEvent, type Known, trueViews } from '../../bench/accuracy/truth.ts'

// Each diary is short enough to be computed by hand, which the comments do.

const KNOWN: Known = { idleTimeoutMs: 2_000, idleCreditMs: 500, thresholdMs: 1_800_000, stops: [] }

type Line = [at: number, type: string, more?: Partial<DiaryEvent>]

/** A page that was on screen 100 ms after its time origin; each line keeps what the one before has changed. */
function diary(lines: Line[], more: Partial<Diary> = {}): Diary {
  let now = { shown: true, focused: true, inFrame: false, url: '/page' }
  const events = lines.map(([at, type, { shown, focused, inFrame, url, ...rest } = {}]) => {
    now = {
      shown: shown ?? now.shown,
      focused: focused ?? now.focused,
      inFrame: inFrame ?? now.inFrame,
      url: url ?? now.url,
    }
    return { at, type, ...now, ...rest }
  })
  return {
    doc: 'd',
    origin: '',
    epoch: 1_000_000,
    commit: 100,
    prerendered: false,
    activated: null,
    past: [],
    events,
    ...more,
  }
}

const HIDE: Line[1] = 'visibilitychange'
const away = { shown: false, focused: false }
const back = { shown: true, focused: true }

/** `path total/visible/engaged` of each view. */
const clocks = (page: Diary, known: Partial<Known> = {}) =>
  trueViews(page, { ...KNOWN, ...known }).map(
    ({ path, totalMs, visibleMs, engagedMs }) => `${path} ${totalMs}/${visibleMs}/${engagedMs}`,
  )

describe('visible and total', () => {
  test('from the commit to the last time it was hidden', () => {
    const page = diary([
      [150, 'begin'],
      [400, HIDE, away],
      [900, 'look'],
    ])
    expect(clocks(page)).toEqual(['/page 300/300/300'])
  })

  test('hidden time is in total only', () => {
    const page = diary([
      [150, 'begin'],
      [600, HIDE, away],
      [1_100, HIDE, back],
      [1_400, HIDE, away],
    ])
    expect(clocks(page)).toEqual(['/page 1300/800/500']) // 500 + 300 on screen; shown again too soon to be an activity
  })

  test('opened behind others, it begins when it is first seen; never seen, it has no time', () => {
    const behind = diary([
      [150, 'begin', away],
      [3_000, HIDE, back],
      [3_400, HIDE, away],
    ])
    expect(clocks(behind)).toEqual(['/page 400/400/400'])
    expect(
      clocks(
        diary([
          [150, 'begin', away],
          [3_000, 'look'],
        ]),
      ),
    ).toEqual(['/page 0/0/0'])
  })

  test('what the browser lists from before the diary is believed', () => {
    const past: Diary['past'] = [
      ['hidden', 0],
      ['visible', 300],
    ]
    expect(
      clocks(
        diary(
          [
            [500, 'begin'],
            [600, HIDE, away],
          ],
          { past },
        ),
      ),
    ).toEqual(['/page 300/300/300'])
  })

  test('kept by the browser and shown again, it is a view of its own', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [600, 'pagehide', { persisted: true }],
      [601, HIDE, away],
      [5_000, HIDE, back],
      [5_001, 'pageshow', { persisted: true }],
      [5_401, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 500/500/500', '/page 400/400/400'])
  })

  test('back within a second it shows nobody: the gap runs on', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [900, 'pagehide', { persisted: true }],
      [901, HIDE, away],
      [1_700, HIDE, back],
      [1_701, 'pageshow', { persisted: true }],
      [2_101, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 800/800/500', '/page 400/400/0'])
  })

  test('prerendered, it begins when it is used; unused, it is no view', () => {
    const lines: Line[] = [
      [150, 'begin', away],
      [2_500, 'prerenderingchange', back],
      [2_900, HIDE, away],
    ]
    expect(clocks(diary(lines, { prerendered: true, activated: 2_400 }))).toEqual(['/page 400/400/400'])
    expect(clocks(diary(lines.slice(0, 1), { prerendered: true }))).toEqual([])
  })
})

describe('engaged', () => {
  test('of a gap over idleTimeout only the credit counts, of one that is not all', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [1_100, 'keydown', { happened: 1_100 }],
      [4_100, 'wheel', { happened: 4_100 }],
    ]
    // 1000 whole, 500 of the 3000, and 500 of the 900 that nothing has closed
    expect(clocks(diary([...lines, [5_000, HIDE, away]]))).toEqual(['/page 4900/4900/2000'])
  })

  test('an input counts when it was made, not when it was heard', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [3_500, 'pointerdown', { happened: 1_300, place: '1,1' }],
      [5_000, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 4900/4900/1700']) // 1200 + 500
  })

  test('a pointer that did not move, and a scroll by nobody, are no activity', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [600, 'pointermove', { place: '1,1' }],
      [2_000, 'pointermove', { place: '1,1' }],
      [2_100, 'scroll', { happened: 2_100 }],
      [5_000, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 4900/4900/1000']) // to 600, and 500
  })

  test('a move to where the wheel was turned is none: the page moved, not the hand', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [600, 'wheel', { place: '1,1' }],
      [2_000, 'pointermove', { place: '1,1' }],
      [5_000, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 4900/4900/1000'])
  })

  test('a scroll within a second of an input is', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [1_000, 'wheel'],
      [1_900, 'scroll', { happened: 1_900 }],
      [6_000, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 5900/5900/2300']) // to 1900, and 500
  })

  test('gaps are measured where it is attended: neither hidden nor unfocused time is in them', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [1_100, 'blur', { focused: false }],
      [4_100, 'focus', back],
      [4_900, 'keydown'], // after 1000 + 800 attended
      [5_000, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 4900/4900/1900'])
  })

  test('being shown after a second is an activity', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [3_100, HIDE, away],
      [4_100, HIDE, back],
      [6_100, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 6000/5000/1000']) // twice 500
  })

  test('what plays holds a person, with the focus elsewhere too; a silent loop does not', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [600, 'media', { media: 0, runs: true, muted: true, loop: false }],
      [1_000, 'blur', { focused: false }],
      [4_600, 'media', { media: 0, runs: false, muted: true, loop: false }],
      [5_000, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 4900/4900/4500'])
    for (const [, , more] of lines) if (more && 'loop' in more) more.loop = true
    expect(clocks(diary(lines))).toEqual(['/page 4900/4900/500'])
  })

  test('the focus entering an iframe is an activity, what follows in there is not seen', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [1_100, 'blur', { inFrame: true }],
      [5_000, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 4900/4900/1500'])
  })

  test('before the script came, what was visible was attended', () => {
    const lines: Line[] = [
      [150, 'begin', { focused: false }],
      [500, 'sdk'],
      [900, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 800/800/400'])
  })
})

describe('routes', () => {
  const slides: Line[] = [
    [150, 'begin'],
    [400, 'route', { url: '/2' }],
    [2_000, 'route', { url: '/3' }],
  ]

  test('the gap runs on: neither settled nor restarted', () => {
    const page = diary([...slides, [3_000, HIDE, away]])
    expect(clocks(page)).toEqual(['/page 300/300/300', '/2 1600/1600/200', '/3 1000/1000/0'])
  })

  test('an activity settles the part of its own view; one that has ended keeps what it had', () => {
    const page = diary([...slides, [2_050, 'keydown', { happened: 2_050 }], [2_100, HIDE, away]])
    expect(clocks(page)).toEqual(['/page 300/300/300', '/2 1600/1600/200', '/3 100/100/100'])
  })

  test('a fragment is a route only if it is asked for', () => {
    const page = diary([
      [150, 'begin'],
      [400, 'hashchange', { url: '/page#two' }],
      [500, HIDE, away],
    ])
    expect(clocks(page)).toEqual(['/page 400/400/400'])
    expect(clocks(page, { hashRouting: true })).toEqual(['/page 300/300/300', '/page 100/100/100'])
  })

  test('changed while hidden, the new one begins when it is seen', () => {
    const lines: Line[] = [
      [150, 'begin'],
      [400, HIDE, away],
      [600, 'route', { url: '/2' }],
      [900, HIDE, back],
      [1_000, HIDE, away],
    ]
    expect(clocks(diary(lines))).toEqual(['/page 500/300/300', '/2 100/100/100'])
  })
})

describe('a stopped process', () => {
  const page = diary([
    [150, 'begin'],
    [1_100, 'keydown'],
    [9_100, 'keydown'],
    [9_600, HIDE, away],
  ])
  const stop = (from: number, to: number) => ({ stops: [{ from: 1_000_000 + from, to: 1_000_000 + to }] })
  const patient = { idleTimeoutMs: 30_000 }

  test('is in no clock; one of up to 5 s is in all', () => {
    expect(clocks(page, { ...patient, ...stop(1_600, 8_600) })).toEqual(['/page 2500/2500/2500'])
    expect(clocks(page, { ...patient, ...stop(1_600, 6_600) })).toEqual(['/page 9500/9500/9500'])
  })

  test('beyond the threshold it ends the view, and waking begins another', () => {
    const known = { ...patient, ...stop(1_600, 8_600), thresholdMs: 6_000 }
    expect(clocks(page, known)).toEqual(['/page 1500/1500/1500', '/page 1000/1000/1000'])
  })
})
