import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import {
  dashboard,
  dayBefore,
  drawn,
  keyFigures,
  playwrightPage,
  report,
  send,
  setField,
  tableRows,
  visit,
} from '../support/dashboard.ts'
import { expect, poll, test } from '../support/fixtures.ts'
import { makeTempDir, removeDir } from '../support/process.ts'

test.skip(({ form }) => form !== 'script', 'the dashboard is the same, whatever form the SDK comes in')

/** Two days ago and an hour or so into it: far from any midnight but the zone that a test chooses. */
const DAY = dayBefore(2)
const at = (time: string) => Date.parse(`${DAY}T${time}Z`)

interface OverviewRow {
  views: { estimated: number }
  sessions: { estimated: number }
  viewVisibleMs: { p50: number }
  viewEngagedMs: { p50: number }
}

interface PageRow {
  path: string
  views: { estimated: number }
  sessions: number
  engagedMs: { p50: number; p90: number }
  entries: number
  exits: number
}

/** What the overview is to show for these filters. */
async function wantedFigures(collector: Parameters<typeof report>[0], query: Record<string, string> = {}) {
  const days = { start_date: dayBefore(29), end_date: dayBefore(0) }
  const [row] = await report<OverviewRow>(collector, 'overview', { ...days, ...query })
  return {
    Sessions: row!.sessions.estimated,
    Views: row!.views.estimated,
    'Median engaged time': row!.viewEngagedMs.p50,
    'Median visible time': row!.viewVisibleMs.p50,
  }
}

test('the figures are those of the report, and filters narrow both alike', async ({ collector, open }) => {
  await send(collector, [
    visit(at('10:00')),
    visit(at('11:00'), { path: '/learn/algebra/2', totalMs: 90_000, visibleMs: 70_000, engagedMs: 31_000 }),
    visit(at('12:00'), { path: '/blog/news', pageGroup: 'post', utm: { campaign: 'spring' } }),
    visit(at('13:00'), { site: 'shop', path: '/', pageGroup: 'shop', samplingRate: 0.25 }),
  ])
  const tab = await open(dashboard(collector))
  const shows = async (query: Record<string, string>, views: number) => {
    const wanted = await wantedFigures(collector, query)
    expect(wanted.Views).toBe(views)
    const shown = poll(async () => {
      const figures = await keyFigures(tab)
      return figures.Views === views && figures
    }, `figures of ${views} views`)
    expect(await shown).toEqual(wanted)
  }
  await shows({}, 7) // the sampled one stands for four
  await setField(tab, 'Site', 'docs')
  await shows({ site: 'docs' }, 3)
  await setField(tab, 'Page', '/learn/*')
  await shows({ site: 'docs', page: '/learn/*' }, 2)
  await setField(tab, 'Page', '')
  await setField(tab, 'Group', 'post')
  await shows({ site: 'docs', page_group: 'post' }, 1)
  await setField(tab, 'Group', '')
  await setField(tab, 'Campaign', 'spring')
  await shows({ site: 'docs', campaign: 'spring' }, 1)

  // Whoever is given the address sees the same.
  const other = await open(await tab.eval(() => location.href))
  await drawn(other)
  expect(await keyFigures(other)).toEqual(await keyFigures(tab))
})

test('tables have the figures of their reports', async ({ collector, open }) => {
  await send(collector, [
    visit(at('10:00'), { userId: 'ada', lastActivityAt: at('10:00') + 60_000, totalMs: 60_000, visibleMs: 60_000 }),
    visit(at('11:00'), { userId: 'ada' }),
    visit(at('12:00'), { userId: 'eve', path: '/blog/news', samplingRate: 0.5 }),
  ])
  const days = { start_date: dayBefore(29), end_date: dayBefore(0) }
  const tab = await open(dashboard(collector, { view: 'pages', sort: '-views' }))
  await drawn(tab)
  const pages = await report<PageRow>(collector, 'pages', days)
  expect(pages.map(({ path }) => path).sort()).toEqual(['/blog/news', '/learn/algebra'])
  const pageRows = await tableRows(tab, 'Pages')
  for (const { path, views, sessions, engagedMs, entries, exits } of pages) {
    const row = pageRows.find(([name]) => name === path)!
    const wanted = [path, views.estimated, sessions, engagedMs.p50, engagedMs.p90].map(String)
    expect(row.slice(0, wanted.length)).toEqual(wanted)
    expect(row.slice(-3, -1)).toEqual([entries, exits].map(String))
  }

  await tab.goto(dashboard(collector, { view: 'users', sort: 'user' }))
  await drawn(tab)
  const results = await collector.durations(days)
  expect(results.map(({ user_id }) => user_id)).toEqual(['ada', 'eve'])
  const users = await tableRows(tab, 'Average session duration')
  expect(users.map(([user, average]) => [user, Number(average)])).toEqual(
    results.map(({ user_id, average_duration }) => [user_id, average_duration]),
  )

  await tab.goto(dashboard(collector, { view: 'quality' }))
  await drawn(tab)
  const facts = await report<{ fact: string; amount: number }>(collector, 'data-quality', days)
  const amountOf = (name: string) => String(facts.find(({ fact }) => fact === name)!.amount)
  const [views, atExit] = await tableRows(tab, 'How views were captured')
  expect([views![1], atExit![1]]).toEqual([amountOf('views'), amountOf('views_captured_at_exit')])
  expect(views![1]).toBe('3')
})

test('another time zone moves a session to another day', async ({ collector, open }) => {
  await send(collector, [visit(at('10:00')), visit(at('23:30')), visit(at('23:40'))])
  const next = new Date(at('12:00') + 86_400_000).toISOString().slice(0, 10)
  const tab = await open(dashboard(collector, { from: DAY, to: DAY }))
  const shows = (views: number) =>
    poll(async () => (await drawn(tab)) === true && (await keyFigures(tab)).Views === views, `${views} views`)
  await shows(3)
  await setField(tab, 'Time zone', 'Asia/Tokyo')
  await shows(1)
  await setField(tab, 'To', next)
  await shows(3)
  await setField(tab, 'From', next)
  await shows(2)
})

test('what is exported is what the report answers', async ({ collector, open }) => {
  await send(collector, [visit(at('10:00')), visit(at('11:00'), { path: '/blog/news' })])
  const tab = await open(dashboard(collector))
  await drawn(tab)
  const page = playwrightPage(tab)
  if (!page) return test.skip(true, 'only this driver can say where a browser puts downloads')
  const downloads = await takeDownloads(page)
  const query = new URLSearchParams({ start_date: dayBefore(29), end_date: dayBefore(0), timezone: 'UTC' })
  for (const format of ['csv', 'json']) {
    await tab.eval((format) => {
      const buttons = [...document.querySelectorAll<HTMLButtonElement>('button.export')]
      buttons.find((button) => button.textContent!.endsWith(format.toUpperCase()))!.click()
    }, format)
    const { name, text } = await poll(() => downloads.newest(`.${format}`), `a download of ${format}`)
    const [, report] = /^(.*?)_\d/.exec(name)!
    const answer = await fetch(`${collector.url}/api/reports/${report}?${query}&format=${format}`)
    expect(answer.status).toBe(200)
    if (format === 'csv') expect(text).toBe(await answer.text())
    else expect(JSON.parse(text)).toEqual((await answer.json()).rows)
  }
  await downloads.remove()
})

/** The browser's own downloads, into a folder of ours. */
async function takeDownloads(page: Page) {
  const downloadPath = await makeTempDir('downloads')
  const session = await page.context().browser()!.newBrowserCDPSession()
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath })
  return {
    async newest(ending: string) {
      const name = (await readdir(downloadPath)).find((each) => each.endsWith(ending))
      return name && { name, text: await readFile(join(downloadPath, name), 'utf8') }
    },
    async remove() {
      await session.detach()
      await removeDir(downloadPath)
    },
  }
}

test('it takes at most 100 kB to be there', async ({ collector, open }) => {
  await send(collector, [visit(at('10:00'))])
  const tab = await open(dashboard(collector))
  await drawn(tab)
  const loaded = await tab.eval(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((entry) => {
      const { name, encodedBodySize } = entry as PerformanceResourceTiming
      return { name, encodedBodySize }
    }),
  )
  expect(loaded.length).toBeGreaterThan(3)
  for (const { name } of loaded) expect(new URL(name).origin).toBe(collector.url)
  const bytes = loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
  expect(bytes).toBeGreaterThan(20_000)
  expect(bytes).toBeLessThan(100_000)
})
