import { startCollector } from '../../e2e/support/collector.ts'
import { startPages } from '../../e2e/support/pages.ts'
import { poll } from '../../e2e/support/poll.ts'
import { makeTempDir, removeDir } from '../../e2e/support/process.ts'
import { storedViews } from '../../e2e/support/stored.ts'
import type { Driver } from './engines/driver.ts'

/** Two tabs of a fresh origin in the same instant, again and again: they are to agree on one session. Prints one line. */
export async function openTogether(start: () => Promise<Driver>, times: number): Promise<void> {
  const dir = await makeTempDir('tabs')
  const collector = await startCollector(dir)
  const driver = await start()
  let agreed = 0
  for (let i = 0; i < times; i++) {
    const pages = await startPages({ form: 'script', options: { collector: collector.recordsUrl, site: `try-${i}` } })
    const urls = ['/one', '/two'].map((path) => pages.url(path))
    const tabs = await (driver.can.openTogether?.(urls) ?? Promise.all(urls.map((url) => driver.open(url))))
    const both = async () => {
      const views = (await storedViews(collector)).filter(({ site }) => site === `try-${i}`)
      return views.length === 2 && views
    }
    const views = await poll(both, 'a record of both tabs')
    if (new Set(views.map(({ sessionId }) => sessionId)).size === 1) agreed++
    for (const tab of tabs) await tab.close()
    pages.stop()
  }
  console.log(`${driver.version}: of ${times} pairs of tabs opened in the same instant, ${agreed} were one session`)
  if (agreed < times) process.exitCode = 1
  await driver.stop()
  await collector.stop()
  await removeDir(dir)
}
