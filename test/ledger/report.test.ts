import { expect, test } from 'vitest'
import { brokenPromises, type EngineRun, report, summary } from '../../bench/ledger/report.ts'
import type { CellResult, ViewResult } from '../../bench/ledger/results.ts'

const view = (more: Partial<ViewResult> = {}): ViewResult => ({
  role: 'leaving',
  outcome: 'exit',
  errorMs: 0,
  trueMs: 2_000,
  ...more,
})

const result = (views: ViewResult[], more: Partial<CellResult> = {}): CellResult => ({
  cell: { exit: 'link', network: '500', storage: 'ok', tabs: 1 },
  views,
  duplicated: 0,
  sumOverMs: 0,
  mostDeliveries: 1,
  requests: 3,
  errors: [],
  evidence: [],
  ms: 5_000,
  ...more,
})

const run = (results: CellResult[], more: Partial<EngineRun> = {}): EngineRun => ({
  engine: 'chromium',
  version: 'Chromium 1',
  plan: 'pairwise',
  cells: results.length,
  results,
  undriven: [],
  seconds: 61,
  machine: 'a machine',
  at: new Date(0),
  ...more,
})

const broken = (...results: CellResult[]) =>
  brokenPromises(run(results)).map((line) => line.split(': ').slice(1).join(': '))

test('what is promised is broken by what is lost, short, over, or too many', () => {
  const undeliverable = 'no way'
  expect(broken(result([view(), view({ outcome: 'later', errorMs: -300 })]))).toEqual([])
  expect(broken(result([view({ outcome: 'lost', errorMs: null })]))).toEqual(['leaving view lost'])
  expect(broken(result([view({ outcome: 'lost', errorMs: null, undeliverable })]))).toEqual([])
  expect(broken(result([view({ outcome: 'short', errorMs: -700 })]))).toEqual(['leaving view short of 700 of 2000 ms'])
  expect(broken(result([view({ outcome: 'short', errorMs: -700, undeliverable })]))).toEqual([])
  const over = view({ outcome: 'over', errorMs: 31, undeliverable })
  expect(broken(result([over]))).toEqual(['leaving view over its 2000 ms by 31'])
  expect(broken(result([view()], { duplicated: 2 }))).toEqual(['2 views too many'])
  expect(broken(result([view()], { sumOverMs: 31 }))).toEqual(['sessions have 31 ms more than their views'])
  expect(broken(result([view()], { errors: ['TypeError'] }))).toEqual(['the page: TypeError'])
})

test('and by a cell that could not be driven', () => {
  const undriven = [{ cell: result([]).cell, why: 'it crashed' }]
  expect(brokenPromises(run([], { undriven }))).toEqual([
    'chromium link / network 500 / storage ok / 1 tab: not driven: it crashed',
  ])
})

test('the table counts each view once, and apart from what could not be delivered', () => {
  const views = [
    view(),
    view({ outcome: 'later', errorMs: -100 }),
    view({ outcome: 'lost', errorMs: null }),
    view({ outcome: 'later', undeliverable: 'no way' }),
    view({ outcome: 'lost', errorMs: null, undeliverable: 'no way' }),
  ]
  const [, , row] = summary(run([result(views, { mostDeliveries: 3 })])).split('\n')
  expect(row!.trim().split(/ {2,}/)).toEqual(['link', '3', '1', '1', '0', '1', '0', '50', '-100', '3', '2 (1 came)'])
})

test('a run of one engine leaves the sections of the others as they were', () => {
  const first = report([run([result([view()])])], '')
  const both = report([run([result([view()])], { engine: 'firefox', version: 'Firefox 1' })], first)
  expect(both).toContain('## Chromium 1')
  expect(both).toContain('## Firefox 1')
  const anew = report([run([result([view()])], { version: 'Chromium 2' })], both)
  expect(anew.match(/^## .*/gm)).toEqual(['## Chromium 2', '## Firefox 1'])
  expect(report([], anew)).toBe(anew)
})
