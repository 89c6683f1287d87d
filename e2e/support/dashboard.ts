import type { Page } from '@playwright/test'
import type { ViewRecord } from '../../src/protocol/record.ts'
import type { ChromiumTab } from './chromium.ts'
import type { Collector } from './collector.ts'
import type { Tab } from './engine.ts'
import { poll } from './poll.ts'

export const DAY_MS = 24 * 60 * 60_000

/** Every entry of the dashboard's menu, as its address calls it. */
export const VIEWS = ['overview', 'time', 'pages', 'sessions', 'users', 'live', 'quality'] as const

/** So many days ago, in UTC. */
export const dayBefore = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10)

let views = 0

/** A session of one view that was read for ten seconds, of which the first eight were engaged; all of it can be changed. */
export function visit(startedAt: number, changes: Partial<ViewRecord> = {}): ViewRecord {
  views += 1
  const id = (kind: string) => `${kind}${views}`.padStart(32, '0')
  return {
    ...{ site: 'docs', client: 'ScriptTag', viewId: id('a'), seq: 1, sessionId: id('5') },
    ...{ sessionStartedAt: startedAt, startedAt, lastActivityAt: startedAt + 8_000 },
    ...{ sessionTimeoutMs: 1_860_000, maxSessionMs: 43_200_000, heartbeatMs: 60_000, visitorId: `visitor-${views}` },
    ...{ path: '/learn/algebra', pageGroup: 'lesson', title: 'Algebra' },
    ...{ totalMs: 10_000, visibleMs: 10_000, engagedMs: 8_000, state: 'hidden', reason: 'hidden', endReason: 'leave' },
    spans: [
      ['engaged', 0, 8_000],
      ['idle', 8_000, 10_000],
    ],
    ...{ samplingRate: 1, samplingUnit: 'session' },
    ...changes,
  }
}

/** Posts them as a page does; all of them have to be taken. */
export async function send(collector: Collector, records: readonly ViewRecord[]): Promise<void> {
  const envelope = { v: 1, sentAt: Date.now(), deferred: false, via: 'beacon', attempts: 1, dropped: 0, records }
  const response = await fetch(collector.recordsUrl, { method: 'POST', body: JSON.stringify(envelope) })
  const answer = await response.json()
  if (answer.accepted !== records.length) throw new Error(JSON.stringify(answer))
}

/** The rows of `GET /api/reports/{name}`. */
export async function report<Row>(collector: Collector, name: string, query: Record<string, string>): Promise<Row[]> {
  const response = await fetch(`${collector.url}/api/reports/${name}?${new URLSearchParams(query)}`)
  if (!response.ok) throw new Error(`${name} answered ${response.status}: ${await response.text()}`)
  return (await response.json()).rows
}

/** Playwright's own handle, for keys, colours, downloads and the console; undefined where another driver has the tab. */
export function playwrightPage(tab: Tab): Page | undefined {
  const { page } = tab as Partial<ChromiumTab>
  return page && 'addInitScript' in page ? page : undefined
}

export const dashboard = (collector: Collector, query: Record<string, string> = {}): string =>
  `${collector.url}/?${new URLSearchParams({ timezone: 'UTC', ...query })}`

/** Waits until everything that was asked has been answered and drawn. */
export const drawn = (tab: Tab): Promise<unknown> =>
  poll(
    () =>
      tab
        .eval(() => !!document.querySelector('main h1') && !document.querySelector('main [aria-busy="true"]'))
        .catch(() => false), // on its way to another document
    'the dashboard to be drawn',
  )

/** The exact values behind what is shown, by the name of the key figure. */
export const keyFigures = (tab: Tab): Promise<Record<string, number>> =>
  tab.eval(() =>
    Object.fromEntries(
      [...document.querySelectorAll('.key-figure')].map((figure) => [
        figure.querySelector('h2, h3')!.textContent!,
        Number(figure.querySelector('data')?.value),
      ]),
    ),
  )

/** Of the first table whose caption begins so: each row's cells, with the exact value where there is one. */
export const tableRows = (tab: Tab, caption: string): Promise<string[][]> =>
  tab.eval((caption) => {
    const tables = [...document.querySelectorAll('table')]
    const table = tables.find((each) => each.caption?.textContent?.startsWith(caption))
    return [...(table?.tBodies[0]?.rows ?? [])].map((row) =>
      [...row.cells].map((cell) => cell.querySelector('data')?.value ?? cell.textContent ?? ''),
    )
  }, caption)

/** Chooses in a select or fills in a field, by its label, as a person does who then goes on. */
export async function setField(tab: Tab, label: string, value: string): Promise<void> {
  const set = () =>
    tab.eval(
      ([label, value]) => {
        const labels = [...document.querySelectorAll<HTMLLabelElement>('.filters label')]
        const field = labels.find((each) => each.textContent?.trim() === label)?.control
        if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) throw new Error(`no ${label}`)
        const isChoice = ({ value: choice }: HTMLOptionElement) => choice === value
        // Choices come after the figures.
        if (field instanceof HTMLSelectElement && ![...field.options].some(isChoice)) return false
        field.value = value!
        field.dispatchEvent(new Event('input', { bubbles: true }))
        field.dispatchEvent(new Event('change', { bubbles: true }))
        return true
      },
      [label, value],
    )
  await poll(set, `${label} to be ${value}`)
}
