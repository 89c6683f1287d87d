import type { Collector } from '../../e2e/support/collector.ts'
import type { Tab } from '../../e2e/support/engine.ts'
import { type Pages, startPages } from '../../e2e/support/pages.ts'
import { poll, read } from '../../e2e/support/poll.ts'
import type { LogServer } from '../accuracy/log-server.ts'
import type { Browser } from './browser.ts'
import { type EngineFacts, isDeliverable, livesOn } from './deliverable.ts'
import { BEHIND_MS, EXIT, SHOWN_MS } from './exits.ts'
import { type Judged, judge } from './judge.ts'
import { behind, createLedger, LEAVING, NEXT_VISIT } from './ledger.ts'
import { type FaultProxy, startFaultProxy } from './network.ts'
import type { Cell, Network } from './plan.ts'
import { type CellResult, keyOf, viewResult } from './results.ts'
import { STORAGE } from './storage.ts'
import { readStored } from './stored.ts'

/** What a cell is performed with; the browser is the one of its lane, in a profile that outlives it. */
export interface Place {
  facts: EngineFacts
  collector: Collector
  logs: LogServer
  /** The running one, or a new one on the same profile. */
  browser(): Promise<Browser>
  /** It has been killed, or has quit. */
  browserEnded(): Promise<void>
}

/** How long what has been sent at the exit may take to be stored. */
const AT_EXIT_MS: Record<Network, number> = {
  ok: 1_500,
  slow: 3_500,
  reset: 700,
  hanging: 300,
  500: 300,
  429: 300,
  404: 300,
  html: 300,
  refused: 300,
  offline: 300,
}
/** How long the next visit may stay to bring all; where nothing is owed any more it goes sooner. */
const NEXT_VISIT_MS = 15_000
const NOTHING_OWED_MS = 1_500
/** How long those who lived on are shown before they are hidden and closed, and what they send may take. */
const SURVIVOR_MS = 700
const LAST_RECORDS_MS = 4_000

export async function perform(cell: Cell, site: string, place: Place): Promise<CellResult> {
  const started = performance.now()
  const proxy = await startFaultProxy(place.collector.url)
  const fault = STORAGE[cell.storage]
  const options = { collector: proxy.recordsUrl, site, ...fault.options }
  const pages = await startPages({ form: 'script', options })
  try {
    const result = await run(cell, site, place, { proxy, pages })
    return { ...result, ms: Math.round(performance.now() - started) }
  } finally {
    pages.stop()
    proxy.stop()
  }
}

async function run(
  cell: Cell,
  site: string,
  { facts, collector, logs, ...place }: Place,
  { proxy, pages }: { proxy: FaultProxy; pages: Pages },
): Promise<Omit<CellResult, 'ms'>> {
  const ledger = createLedger(logs, pages.origin)
  const script = STORAGE[cell.storage].script
  const head = ledger.head + (script ? `<script>${script}</script>` : '')
  const url = (path: string) => pages.url(path, { head })
  const plain = (path: string, more = '') => pages.url(path, { form: 'none', head: more })

  const isCutOff = cell.network === 'offline'
  if (!isCutOff) await proxy.break(cell.network)
  let browser = await place.browser()

  // Whatever has been opened, and those of them whose page is still the one that is judged.
  const opened = new Set<Tab>()
  const alive = new Set<Tab>()
  const add = (tab: Tab) => {
    opened.add(tab)
    alive.add(tab)
    return tab
  }
  for (let i = 1; i < cell.tabs; i++) {
    add(await browser.open(url(behind(i))))
    await read(BEHIND_MS)
  }
  const tab = add(cell.exit === 'prerender' ? await prerendered() : await browser.open(url(LEAVING)))
  // Known to the site, for those who are led there: no SDK, no diary.
  const next = plain('/next')
  if (isCutOff) await browser.setOffline!([...opened], true)
  await read(SHOWN_MS)

  let hasEnded = false
  let isOnline = !isCutOff
  const goOnline = async () => {
    if (isOnline || hasEnded) return
    isOnline = true
    await browser.setOffline!(
      [...opened].filter((one) => one !== tab || alive.has(tab)),
      false,
    )
  }
  await EXIT[cell.exit]({
    cell,
    facts,
    browser,
    ledger,
    tab,
    plain: next,
    plainElsewhere: next.replace('127.0.0.1', 'localhost'),
    goOnline,
    left: (one) => void alive.delete(one),
    ended: () => {
      hasEnded = true
      opened.clear()
      alive.clear()
    },
  })

  const rows = async () => (await readStored(collector, site)).rows.filter(({ path }) => path !== NEXT_VISIT)
  const look = async () => judge(ledger.stays(), await rows()).judged
  /** Until all views that `isMeant` are held, or for so long. */
  const held = async (isMeant: (judged: Judged) => boolean, ms: number) => {
    const isDone = async () => (await look()).every((one) => one.isHeld || !isMeant(one))
    return poll(isDone, 'the records', ms).catch(() => false) // what does not come is judged
  }
  const isGone = ({ stay }: Judged) => !livesOn(cell, stay.role, facts)
  const isOwed = ({ stay }: Judged) => isDeliverable(cell, stay.role, facts).is
  /** By a page that lives on, or a visit that finds it in the store. */
  const mayCome = (one: Judged) => isOwed(one) && (!isGone(one) || cell.storage === 'ok')

  for (const one of alive) await ledger.read(one).catch(() => {}) // a page that crashed with another says nothing
  await held((one) => isGone(one) || one.stay.role !== 'after', AT_EXIT_MS[cell.network])
  const heldAtExit = new Set((await look()).filter(({ isHeld }) => isHeld).map(({ stay }) => keyOf(stay)))

  await proxy.heal()
  await goOnline()
  if (hasEnded) {
    await place.browserEnded()
    browser = await place.browser()
  }
  if (facts.crashesTogether && cell.exit === 'renderer crash') {
    for (const one of alive) await one.close()
    alive.clear()
  }

  const visit = await browser.open(url(NEXT_VISIT))
  await held(isGone, NOTHING_OWED_MS)
  await held((one) => isGone(one) && mayCome(one), NEXT_VISIT_MS - NOTHING_OWED_MS)
  for (const one of alive) {
    await one.show()
    await read(SURVIVOR_MS)
    await ledger.ending(one, () => one.hide())
    await one.close() // hidden before, else the browser chooses who is shown next
    opened.delete(one)
  }
  for (const one of opened) await one.close().catch(() => {}) // it may be what crashed, or has been closed
  await visit.show()
  const isAllThere = await held(mayCome, LAST_RECORDS_MS)
  await visit.hide()
  await visit.close()
  if (!isAllThere) {
    // The last ones to be closed may have left something behind in their turn.
    const last = await browser.open(url(NEXT_VISIT))
    await held(mayCome, LAST_RECORDS_MS)
    await last.close()
  }

  const { judged, extra } = judge(ledger.stays(), await rows())
  if (!judged.some(({ stay }) => stay.role === 'leaving')) throw new Error('the page that left has no diary')
  const counts = new Map<string, number>()
  for (const key of proxy.delivered.flatMap(({ keys }) => keys)) counts.set(key, (counts.get(key) ?? 0) + 1)
  return {
    cell,
    views: judged.map((one) => viewResult(one, cell, facts, heldAtExit)),
    duplicated: extra.length,
    sumOverMs: (await readStored(collector, site)).sumOverMs,
    mostDeliveries: Math.max(0, ...counts.values()),
    requests: proxy.requests,
    errors: [...pages.errors],
    evidence: [
      ...judged
        .filter(({ isHeld }) => !isHeld)
        .flatMap(({ stay, row }) => [JSON.stringify({ stay, row }), ...ledger.tell(stay.path)]),
      ...extra.map((row) => JSON.stringify({ row })),
    ],
  }

  /** It is on screen from when its host goes there; the other one never is, and so is no view. */
  async function prerendered(): Promise<Tab> {
    const [used, unused] = [url(LEAVING), url('/never-used')]
    const rules = { prerender: [{ urls: [used, unused], eagerness: 'immediate' }] }
    const head = `<script type="speculationrules">${JSON.stringify(rules)}</script>
      <script>setTimeout(() => (location.href = '${used}'), 1500)</script>`
    return browser.openPrerendered!(plain('/host', head), used)
  }
}
