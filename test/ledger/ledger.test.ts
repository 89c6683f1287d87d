import { expect, test } from 'vitest'
import type { LogServer } from '../../bench/accuracy/log-server.ts'
import type { Diary, DiaryEvent } from '../../bench/accuracy/truth.ts'
import { createLedger, LATE } from '../../bench/ledger/ledger.ts'
import type { Tab } from '../../e2e/support/engine.ts'

type Line = [at: number, type: string, more?: Partial<DiaryEvent>]

/** Of a page that was on screen 100 ms after its time origin. */
function diary(path: string, lines: Line[], more: Partial<Diary> = {}): Diary {
  let now = { shown: true, focused: true, inFrame: false, url: path }
  const events = lines.map(([at, type, { shown, url, ...rest } = {}]) => {
    now = { ...now, shown: shown ?? now.shown, url: url ?? now.url }
    return { at, type, ...now, ...rest }
  })
  return {
    doc: path,
    origin: '',
    epoch: 1e12,
    commit: 100,
    prerendered: false,
    activated: null,
    past: [],
    events,
    ...more,
  }
}

const away = { shown: false }

/** A ledger that has these diaries, and a tab whose page answers with one of its own. */
function ledgerOf(...diaries: Diary[]) {
  const logs = { origin: '', take: () => diaries, add: (one: Diary) => void diaries.push(one), stop() {} } as LogServer
  const ledger = createLedger(logs, '')
  const tabWith = (one?: Diary) => ({ eval: async () => one }) as unknown as Tab
  return { ledger, tabWith }
}

test('a page that told its end is taken at its word', () => {
  const { ledger } = ledgerOf(
    diary('/leaving', [
      [100, 'begin'],
      [2_100, 'pagehide'],
    ]),
  )
  expect(ledger.stays()).toEqual([
    { role: 'leaving', path: '/leaving', startedAt: 1e12 + 100, leastMs: 2_000, mostMs: 2_000 },
  ])
})

test('what was heard between the first and the last to hear of it is right', () => {
  const { ledger } = ledgerOf(
    diary('/leaving', [
      [100, 'begin'],
      [1_100, 'visibilitychange', away],
      [1_140, LATE],
      [2_000, 'visibilitychange', { shown: true }],
      [2_030, LATE],
      [3_000, 'pagehide'],
      [3_005, LATE],
    ]),
  )
  // 1000 + 1000 ms; hidden 40 and 5 ms later, shown 30 ms later.
  expect(ledger.stays()).toMatchObject([{ leastMs: 1_970, mostMs: 2_045 }])
})

test('where the page could not tell its end, the acts do', async () => {
  const { ledger, tabWith } = ledgerOf()
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  await ledger.ending(
    tabWith(
      diary('/leaving', [
        [100, 'begin'],
        [2_100, 'look'],
      ]),
    ),
    () => pause(50),
    () => pause(100),
  )
  const [stay] = ledger.stays()
  // Shown for at least 100 ms after its last word, and for the 50 ms of the act at most.
  expect(stay!.leastMs).toBeGreaterThanOrEqual(2_000 + 95)
  expect(stay!.mostMs - stay!.leastMs).toBeGreaterThanOrEqual(45)
})

test.each<[string, Line[]]>([
  [
    'it was hidden',
    [
      [100, 'begin'],
      [2_100, 'visibilitychange', away],
      [2_200, LATE],
    ],
  ],
  [
    'it had gone',
    [
      [100, 'begin'],
      [2_100, 'pagehide'],
      [2_100, LATE],
    ],
  ],
])('an act adds nothing to a page of which the diary says that %s', async (_, lines) => {
  const { ledger, tabWith } = ledgerOf()
  await ledger.ending(tabWith(diary('/leaving', lines)), async () => {})
  expect(ledger.stays()[0]!.leastMs).toBe(2_000)
})

test('nor to one that said more later', async () => {
  const { ledger, tabWith } = ledgerOf(
    diary('/leaving', [
      [100, 'begin'],
      [2_100, 'look'],
      [2_150, 'pagehide'],
    ]),
  )
  await ledger.ending(tabWith(diary('/other', [[100, 'begin']], { doc: '/leaving' })), async () => {})
  expect(ledger.stays()[0]).toMatchObject({ path: '/leaving', leastMs: 2_050, mostMs: 2_050 })
})

test('a page of the browser has no diary, and its end is none of ours', async () => {
  const { ledger, tabWith } = ledgerOf()
  expect(await ledger.ending(tabWith(), async () => 'done')).toBe('done')
  expect(ledger.stays()).toEqual([])
})

test('who is who: the first to be left, those behind, and what came after; never the next visit', () => {
  const lines: Line[] = [
    [100, 'begin'],
    [600, 'pagehide'],
  ]
  const { ledger } = ledgerOf(
    diary('/leaving', lines, { doc: 'again', epoch: 1e12 + 5_000 }),
    diary('/next-visit', lines, { epoch: 1e12 + 9_000 }),
    diary('/behind/1', lines, { epoch: 1e12 - 5_000 }),
    diary('/leaving', lines),
    diary('/after', lines, { epoch: 1e12 + 7_000 }),
  )
  expect(ledger.stays().map(({ role, path }) => `${role} ${path}`)).toEqual([
    'behind /behind/1',
    'leaving /leaving',
    'after /leaving',
    'after /after',
  ])
})
