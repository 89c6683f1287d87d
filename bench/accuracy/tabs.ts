import { startCollector } from '../../e2e/support/collector.ts'
import { startPages } from '../../e2e/support/pages.ts'
import { poll } from '../../e2e/support/poll.ts'
import { makeTempDir, removeDir } from '../../e2e/support/process.ts'
import { storedViews } from '../../e2e/support/stored.ts'
import { type Candidate, versionOf } from './engines/index.ts'

/** Two tabs of a fresh origin in the same instant, again and again: they are to agree on one session. Prints one line. */
export async function openTogether(candidate: Candidate, times: number): Promise<void> {
  const dir = await makeTempDir('tabs')
  const collector = await startCollector(dir)
  const driver = await candidate.start()
  const { engine, can } = driver
  if (!can.openWindow) throw new Error(`${candidate.name} cannot show two pages at once`)
  let agreed = 0
  for (let i = 0; i < times; i++) {
    const pages = await startPages({ form: 'script', options: { collector: collector.recordsUrl, site: `try-${i}` } })
    const urls = ['/one', '/two'].map((path) => pages.url(path))
    const waiting = pages.url('/waiting', { form: 'none' })
    const tabs = [await engine.open(waiting), await can.openWindow(waiting)]
    const at = Date.now() + 200
    const go = ([href, at]: [string, number]) => void setTimeout(() => (location.href = href), at - Date.now())
    for (const [n, tab] of tabs.entries()) await tab.eval(go, [urls[n]!, at] as [string, number])
    const both = async () => {
      const views = (await storedViews(collector)).filter(({ site }) => site === `try-${i}`)
      return views.length === 2 && views
    }
    const views = await poll(both, 'a record of both tabs')
    if (new Set(views.map(({ sessionId }) => sessionId)).size === 1) agreed++
    for (const tab of tabs) await tab.close()
    pages.stop()
  }
  console.log(
    `${await versionOf(candidate)}: of ${times} pairs of tabs opened in the same instant, ${agreed} were one session`,
  )
  if (agreed < times) process.exitCode = 1
  await engine.stop()
  await collector.stop()
  await removeDir(dir)
}
