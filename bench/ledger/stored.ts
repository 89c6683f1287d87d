import type { Collector } from '../../e2e/support/collector.ts'
import type { Row } from './judge.ts'

/** What the collector's database has of a site, asked as anyone may ask. */
export async function readStored({ url }: Collector, site: string): Promise<{ rows: Row[]; sumOverMs: number }> {
  const response = await fetch(`${url}/api/reports/sessions?site=${site}&limit=200`)
  if (!response.ok) throw new Error(`the collector answered ${response.status}: ${await response.text()}`)
  const { sessions }: { sessions: { visibleMs: number; views: Row[] }[] } = await response.json()
  const rows = sessions.flatMap(({ views }) => views)
  const sum = (all: { visibleMs: number }[]) => all.reduce((ms, { visibleMs }) => ms + visibleMs, 0)
  return { rows, sumOverMs: Math.max(0, sum(sessions) - sum(rows)) }
}
